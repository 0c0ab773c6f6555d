package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/** EHLO and HELO (RFC 5321 §4.1.1.1), before login and after. */
final class Introductions {
  private static final int LONGEST_NAME = 255;

  private Introductions() {}

  /**
   * Reads the argument: one word, of whatever characters, because mail programs send what the
   * system calls itself. Empty when there is none, or more.
   */
  static Optional<String> name(CommandLine command, ByteBuf line) {
    int length = command.to() - command.from();
    return length == 0
            || length > LONGEST_NAME
            || line.indexOf(command.from(), command.to(), (byte) ' ') >= 0
        ? Optional.empty()
        : Optional.of(line.toString(command.from(), length, ISO_8859_1));
  }

  /**
   * Answers.
   *
   * @param client as it has just introduced itself
   * @param backend what the backend offers
   * @param admitted whether the client has logged in, or sends mail without a login
   */
  static String answer(Session session, Client client, Extensions backend, boolean admitted) {
    if (!client.extended()) {
      return session.replies().helo();
    }
    return session
        .replies()
        .ehlo(
            Capabilities.shown(
                backend,
                client.loginPossible() && !client.withoutLogin(),
                !admitted && session.external(client, backend).isPresent(),
                session.facts().startTls() && client.tls().isEmpty() && !admitted,
                session.terms().deep(),
                session.trace(client).maximumLength(),
                session.limits()));
  }
}
