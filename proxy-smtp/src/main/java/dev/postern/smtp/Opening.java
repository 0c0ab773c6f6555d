package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.protocol.Signal;

/** Nothing has been said. */
record Opening(Session session) implements State {
  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.Ready r ->
          Next.answering(
              new Unauthenticated(session, Client.connected(r.tls(), r.loginPossible())),
              replies().greeting());
      case Signal.Refused r -> over(new Farewell(replies().tooManyConnections(), EndReason.LIMIT));
      case Signal.Shutdown s -> over(new Farewell(replies().shutdown(), EndReason.SHUTDOWN));
      default -> ignored();
    };
  }
}
