package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.protocol.Signal;

/**
 * A chunk comes before a login, as from a client that has sent MAIL and all that follows without
 * waiting for a reply. It goes nowhere; behind it the session goes on, in step (RFC 3030 §2).
 */
record UntimelyChunk(Session session, Client client) implements State {
  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.BodyDone b -> session.bad(client, Replies.NO_CHUNKS);
      case Signal.Shutdown s -> over(new Farewell(replies().shutdown(), EndReason.SHUTDOWN));
      default -> ignored();
    };
  }
}
