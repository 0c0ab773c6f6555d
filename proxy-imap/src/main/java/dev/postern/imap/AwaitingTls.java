package dev.postern.imap;

import static dev.postern.core.protocol.Effect.READ_LINE;

import dev.postern.core.protocol.Signal;

/**
 * The client has asked for STARTTLS and was told to begin.
 *
 * @param client in clear
 * @param tag of the STARTTLS command
 */
record AwaitingTls(Client client, String tag) implements State {
  @Override
  public Turn on(Signal signal, Session session) {
    return switch (signal) {
      case Signal.ClientTls done ->
          Turn.to(client.protectedBy(done.tls(), done.loginPossible()).ready(), READ_LINE);
      default -> Turn.to(this);
    };
  }

  /** What the client would take for the handshake is no place for text. */
  @Override
  public boolean mayReply(Session session) {
    return false;
  }
}
