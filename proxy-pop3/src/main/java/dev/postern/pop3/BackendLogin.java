package dev.postern.pop3;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.sasl.Credentials;
import dev.postern.core.sasl.Secret;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Optional;

/**
 * The login of one user at the backend, from its greeting to its verdict. Immutable: each line
 * leads to a {@link Step}.
 *
 * <pre>
 *   Greeting ─▶ [Introduced] ─▶ Prompted ─▶ Verdict      AUTH PLAIN, the response on a line of its own
 *                           ├─▶ Verdict                  AUTH PLAIN with an initial response
 *                           └─▶ Named ─▶ Verdict         USER, PASS
 * </pre>
 */
sealed interface BackendLogin {

  /** Longest AUTH command with an initial response, in octets, CRLF included (RFC 5034 §4). */
  int INITIAL_RESPONSE_LIMIT = 255;

  /**
   * Takes the backend's next line.
   *
   * @param line without CRLF
   */
  Step on(ByteBuf line);

  /** What a line of the backend led to. */
  sealed interface Step {

    /**
     * Send something and wait for the next line.
     *
     * @param octets CRLF included
     * @param next takes the next line
     */
    record Send(ByteBuf octets, BackendLogin next) implements Step {}

    /** The user is logged in. */
    record Accepted() implements Step {}

    /**
     * The backend refused.
     *
     * @param refusal why
     */
    record Refused(Refusal refusal) implements Step {}

    /**
     * The backend said what cannot be followed, or refused to be logged in to before it saw the
     * credentials.
     */
    record Broken() implements Step {}
  }

  /**
   * Begins, when the connection is made: the backend speaks first.
   *
   * @param credentials what the client gave
   * @param plain whether the backend offers SASL PLAIN
   * @param introduction the XCLIENT command for a backend that trusts the proxy
   */
  static BackendLogin begin(Credentials credentials, boolean plain, Optional<String> introduction) {
    return new Greeting(new Plan(credentials, plain), introduction);
  }

  /**
   * Says whether the credentials can be given to a backend at all. USER and PASS carry neither an
   * authorization identity nor a password that would end the line.
   */
  static boolean carries(Credentials credentials, boolean plain) {
    if (plain) {
      return true;
    }
    if (!credentials.actsAs().equals(credentials.user())) {
      return false;
    }
    for (byte b : credentials.password().reveal()) {
      if (b == '\r' || b == '\n' || b == 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * How the credentials will be given.
   *
   * @param credentials what the client gave
   * @param plain by AUTH PLAIN; by USER and PASS otherwise
   */
  record Plan(Credentials credentials, boolean plain) {

    Step authenticate() {
      if (!plain) {
        return new Step.Send(
            Unpooled.copiedBuffer("USER " + credentials.user() + "\r\n", UTF_8),
            new Named(credentials.password()));
      }
      Secret response = credentials.plainResponse();
      return "AUTH PLAIN \r\n".length() + response.length() <= INITIAL_RESPONSE_LIMIT
          ? new Step.Send(line("AUTH PLAIN ", response), new Verdict())
          : new Step.Send(
              Unpooled.copiedBuffer("AUTH PLAIN\r\n", US_ASCII), new Prompted(response));
    }
  }

  /** Waits for the greeting. */
  record Greeting(Plan plan, Optional<String> introduction) implements BackendLogin {
    @Override
    public Step on(ByteBuf line) {
      if (!isPositive(line)) {
        return new Step.Broken();
      }
      // Dovecot says +OK to an XCLIENT that it ignores: only the greeting tells whether it is
      // trusted.
      return introduction
          .filter(x -> Pop3Probe.trusts(line))
          .<Step>map(x -> new Step.Send(Unpooled.copiedBuffer(x, US_ASCII), new Introduced(plan)))
          .orElseGet(plan::authenticate);
    }
  }

  /**
   * Waits for the answer to XCLIENT. Going on after a refusal would log the user in with the
   * proxy's address.
   */
  record Introduced(Plan plan) implements BackendLogin {
    @Override
    public Step on(ByteBuf line) {
      return isPositive(line) ? plan.authenticate() : new Step.Broken();
    }
  }

  /** Waits for the prompt of AUTH PLAIN. */
  record Prompted(Secret response) implements BackendLogin {
    @Override
    public Step on(ByteBuf line) {
      return isPrompt(line) ? new Step.Send(line("", response), new Verdict()) : new Step.Broken();
    }
  }

  /** Waits for the answer to USER. */
  record Named(Secret password) implements BackendLogin {
    @Override
    public Step on(ByteBuf line) {
      return isPositive(line)
          ? new Step.Send(line("PASS ", password), new Verdict())
          : isNegative(line) ? new Step.Refused(Refusal.of(line)) : new Step.Broken();
    }
  }

  /** Waits for the verdict. */
  record Verdict() implements BackendLogin {
    @Override
    public Step on(ByteBuf line) {
      return isPositive(line)
          ? new Step.Accepted()
          : isNegative(line) ? new Step.Refused(Refusal.of(line)) : new Step.Broken();
    }
  }

  private static ByteBuf line(String command, Secret octets) {
    byte[] secret = octets.reveal();
    return Unpooled.buffer(command.length() + secret.length + 2)
        .writeBytes(command.getBytes(US_ASCII))
        .writeBytes(secret)
        .writeByte('\r')
        .writeByte('\n');
  }

  /** Says whether a line is a positive answer (RFC 1939 §3). */
  static boolean isPositive(ByteBuf line) {
    return startsWith(line, "+OK");
  }

  private static boolean isNegative(ByteBuf line) {
    return startsWith(line, "-ERR");
  }

  private static boolean isPrompt(ByteBuf line) {
    return startsWith(line, "+");
  }

  /** Says whether a line begins with a word that a space or the line's end follows. */
  private static boolean startsWith(ByteBuf line, String word) {
    int from = line.readerIndex();
    if (line.readableBytes() < word.length()) {
      return false;
    }
    for (int i = 0; i < word.length(); i++) {
      if (line.getByte(from + i) != word.charAt(i)) {
        return false;
      }
    }
    return line.readableBytes() == word.length() || line.getByte(from + word.length()) == ' ';
  }
}
