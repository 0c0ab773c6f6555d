package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;

/**
 * STARTTLS has been answered; the handshake is under way and nothing can be said.
 *
 * @param closing whether the proxy has begun to shut down meanwhile
 */
record SecuringClient(Session session, Client client, boolean closing) implements State {
  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.ClientTls t ->
          closing
              ? over(new Farewell(replies().shutdown(), EndReason.SHUTDOWN))
              : Next.to(
                  new Unauthenticated(session, client.secured(t.tls(), t.loginPossible())),
                  Effect.READ_LINE);
      case Signal.Shutdown s -> Next.to(new SecuringClient(session, client, true));
      default -> ignored();
    };
  }
}
