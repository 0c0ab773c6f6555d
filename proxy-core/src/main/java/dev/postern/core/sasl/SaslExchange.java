package dev.postern.core.sasl;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A SASL exchange that waits for the client's next response. Immutable: each response leads to a
 * {@link SaslStep}.
 */
public sealed interface SaslExchange {

  /** The mechanisms that {@link #begin} knows, in upper case. */
  Set<String> MECHANISMS = Set.of("PLAIN", "LOGIN", External.MECHANISM);

  /**
   * Takes the client's next response.
   *
   * @param line without CRLF, in base64; {@code *} cancels
   */
  SaslStep on(ByteBuf line);

  /**
   * Begins an exchange.
   *
   * @param mechanism in any case
   * @param identity whom the client may be by EXTERNAL; empty where there is no EXTERNAL for it
   * @param initialResponse as the client sent it: base64, {@code =} for an empty one; empty when
   *     there was none
   * @return empty for a mechanism that the client cannot use: unknown, or EXTERNAL without an
   *     identity
   */
  static Optional<SaslStep> begin(
      String mechanism, Optional<String> identity, Optional<ByteBuf> initialResponse) {
    return switch (mechanism.toUpperCase(Locale.ROOT)) {
      case "PLAIN" -> Optional.of(first(new Plain(), "", initialResponse));
      case "LOGIN" -> Optional.of(first(new LoginUser(), LoginUser.PROMPT, initialResponse));
      case External.MECHANISM -> identity.map(i -> first(new External(i), "", initialResponse));
      default -> Optional.empty();
    };
  }

  private static SaslStep first(SaslExchange exchange, String prompt, Optional<ByteBuf> response) {
    return response.map(exchange::on).orElseGet(() -> new SaslStep.Challenge(prompt, exchange));
  }

  /**
   * RFC 4422 appendix A: the client has proved who it is by its certificate, and says at most whom
   * it wants to act as. That can only be the one that the certificate stands for (CCO-4.2b).
   *
   * @param identity whom the certificate stands for
   */
  record External(String identity) implements SaslExchange {
    /** The mechanism's name. */
    static final String MECHANISM = "EXTERNAL";

    @Override
    public SaslStep on(ByteBuf line) {
      return decoded(
          line,
          in -> {
            String authorization = text(in, 0, in.length);
            if (authorization == null) {
              return new SaslStep.Malformed();
            }
            return authorization.isEmpty() || authorization.equals(identity)
                ? new SaslStep.Complete(Credentials.external(identity))
                : new SaslStep.Foreign(Credentials.external(identity));
          });
    }
  }

  /** RFC 4616: {@code [authzid] NUL authcid NUL passwd}. */
  record Plain() implements SaslExchange {
    @Override
    public SaslStep on(ByteBuf line) {
      return decoded(line, Plain::message);
    }

    private static SaslStep message(byte[] in) {
      int first = indexOfNul(in, 0);
      int second = first < 0 ? -1 : indexOfNul(in, first + 1);
      if (second < 0 || indexOfNul(in, second + 1) >= 0 || second + 1 == in.length) {
        return new SaslStep.Malformed();
      }
      String authorization = text(in, 0, first);
      String user = text(in, first + 1, second);
      if (authorization == null || user == null || user.isEmpty()) {
        return new SaslStep.Malformed();
      }
      byte[] password = Arrays.copyOfRange(in, second + 1, in.length);
      return new SaslStep.Complete(
          new Credentials("PLAIN", authorization, user, Secret.copyOf(password)));
    }

    private static int indexOfNul(byte[] in, int from) {
      for (int i = from; i < in.length; i++) {
        if (in[i] == 0) {
          return i;
        }
      }
      return -1;
    }
  }

  /** The first half of LOGIN (draft-murchison-sasl-login): waits for the user. */
  record LoginUser() implements SaslExchange {
    /** {@code Username:} in base64. */
    static final String PROMPT = "VXNlcm5hbWU6";

    @Override
    public SaslStep on(ByteBuf line) {
      return decoded(
          line,
          in -> {
            String user = text(in, 0, in.length);
            return user == null || user.isEmpty()
                ? new SaslStep.Malformed()
                : new SaslStep.Challenge(LoginPassword.PROMPT, new LoginPassword(user));
          });
    }
  }

  /**
   * The second half of LOGIN: waits for the password.
   *
   * @param user given before
   */
  record LoginPassword(String user) implements SaslExchange {
    /** {@code Password:} in base64. */
    static final String PROMPT = "UGFzc3dvcmQ6";

    @Override
    public SaslStep on(ByteBuf line) {
      return decoded(
          line,
          in ->
              in.length == 0 || new String(in, ISO_8859_1).indexOf('\0') >= 0
                  ? new SaslStep.Malformed()
                  : new SaslStep.Complete(new Credentials("LOGIN", "", user, Secret.copyOf(in))));
    }
  }

  private static SaslStep decoded(ByteBuf line, Function<byte[], SaslStep> then) {
    byte[] in = ByteBufUtil.getBytes(line);
    if (in.length == 1 && in[0] == '*') {
      return new SaslStep.Cancelled();
    }
    if (in.length == 1 && in[0] == '=') {
      return then.apply(new byte[0]);
    }
    try {
      return then.apply(Base64.getDecoder().decode(in));
    } catch (IllegalArgumentException notBase64) {
      return new SaslStep.Malformed();
    }
  }

  /** Decodes a name: strict UTF-8, no control characters; null where it is neither. */
  private static @Nullable String text(byte[] in, int from, int to) {
    try {
      String s = UTF_8.newDecoder().decode(ByteBuffer.wrap(in, from, to - from)).toString();
      return s.chars().anyMatch(Character::isISOControl) ? null : s;
    } catch (CharacterCodingException notUtf8) {
      return null;
    }
  }
}
