package dev.postern.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.sasl.Credentials;
import dev.postern.core.sasl.SaslExchange;
import dev.postern.core.sasl.Secret;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The client may log in, as far as is known without its name. */
record PreAuth(Client client) implements PreLogin {
  @Override
  public Turn login(String tag, Cursor arguments, Session session) {
    byte[] name = arguments.skip(' ') ? arguments.astring() : null;
    byte[] password = name != null && arguments.skip(' ') ? arguments.astring() : null;
    String user = name == null ? null : userName(name);
    if (user == null
        || password == null
        || password.length == 0
        || !arguments.atEnd()
        || holdsNul(password)) {
      return bad(tag, "LOGIN takes a user name and a password", session);
    }
    return new Attempt(client, tag, new Credentials("LOGIN", "", user, Secret.copyOf(password)))
        .decide();
  }

  @Override
  public Turn authenticate(String tag, Cursor arguments, Session session) {
    String mechanism = arguments.skip(' ') ? arguments.atom() : null;
    String response = mechanism != null && arguments.skip(' ') ? arguments.atom() : null;
    if (mechanism == null || !arguments.atEnd()) {
      return bad(tag, "AUTHENTICATE takes a mechanism and at most one initial response", session);
    }
    String upper = mechanism.toUpperCase(Locale.ROOT);
    Optional<ByteBuf> initial =
        Optional.ofNullable(response).map(r -> Unpooled.wrappedBuffer(r.getBytes(US_ASCII)));
    return SaslExchange.begin(upper, session.external(client), initial)
        .map(step -> new Authenticating.Exchange(client, tag, upper).led(step, session))
        .orElseGet(
            () ->
                counted(
                    tag + " NO [CANNOT] The authentication mechanism is not supported\r\n",
                    List.of(),
                    session));
  }

  @Override
  public boolean takesLiterals(String name) {
    return name.equals("LOGIN") || name.equals("ID");
  }

  private static boolean holdsNul(byte[] octets) {
    for (byte octet : octets) {
      if (octet == 0) {
        return true;
      }
    }
    return false;
  }

  /**
   * Decodes a user name: UTF-8 without control characters, as SASL PLAIN has it; null where it is
   * neither.
   */
  private static @Nullable String userName(byte[] octets) {
    try {
      String name = UTF_8.newDecoder().decode(ByteBuffer.wrap(octets)).toString();
      return name.isEmpty() || name.chars().anyMatch(Character::isISOControl) ? null : name;
    } catch (CharacterCodingException notUtf8) {
      return null;
    }
  }
}
