package dev.postern.imap;

import static dev.postern.core.protocol.Effect.READ_LINE;
import static dev.postern.core.protocol.Effect.reply;

import dev.postern.core.protocol.Signal;
import dev.postern.core.tls.TlsMode;

/** The client has connected and waits for the greeting. */
record Fresh() implements State {
  @Override
  public Turn on(Signal signal, Session session) {
    return switch (signal) {
      case Signal.Ready ready -> {
        Client client = Client.fresh(ready.tls(), ready.loginPossible());
        yield session
            .preauthenticated(client)
            .map(identity -> Attempt.before(client, identity).decide())
            .orElseGet(() -> Turn.to(client.ready(), reply(session.greeting(client)), READ_LINE));
      }
      default -> Turn.to(this);
    };
  }

  /** On implicit TLS the handshake may not have been done. */
  @Override
  public boolean mayReply(Session session) {
    return session.facts().mode() == TlsMode.STARTTLS;
  }
}
