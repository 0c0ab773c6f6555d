package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.protocol.Signal;

/**
 * A login was refused; the answer is held back for as long as a failed login costs.
 *
 * @param reply CRLF included
 */
record Penalized(Session session, Client client, String reply) implements State {
  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.Resumed r -> Next.answering(new Unauthenticated(session, client), reply);
      case Signal.Shutdown s -> over(new Farewell(replies().shutdown(), EndReason.SHUTDOWN));
      default -> ignored();
    };
  }
}
