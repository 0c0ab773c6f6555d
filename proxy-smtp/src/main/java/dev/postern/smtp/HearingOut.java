package dev.postern.smtp;

import dev.postern.core.protocol.Signal;

/**
 * A chunk comes that the client was never told it may send. It goes nowhere; behind it the session
 * goes on, in step (RFC 3030 §2).
 *
 * @param then where the session goes on; its next line counts as asked for, so that it asks for
 *     none
 */
record HearingOut(Relaying then) implements State {
  @Override
  public Session session() {
    return then.session();
  }

  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.BodyDone b -> new Turn(then).heardOut();
      case Signal.Shutdown s -> Next.to(new HearingOut(then.shuttingDown()));
      default -> {
        Next next = then.on(signal);
        yield next.state() instanceof Relaying still
            ? new Next(new HearingOut(still), next.effects())
            : next;
      }
    };
  }
}
