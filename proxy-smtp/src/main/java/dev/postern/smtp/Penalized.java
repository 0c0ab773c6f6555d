package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.protocol.Signal;

/**
 * The backend has refused the credentials; the answer is held back for as long as a failed login
 * costs.
 */
record Penalized(Session session, Client client) implements State {
  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.Resumed r ->
          Next.answering(new Unauthenticated(session, client), Replies.WRONG_CREDENTIALS);
      case Signal.Shutdown s -> over(new Farewell(replies().shutdown(), EndReason.SHUTDOWN));
      default -> ignored();
    };
  }
}
