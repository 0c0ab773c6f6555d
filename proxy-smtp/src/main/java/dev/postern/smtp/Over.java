package dev.postern.smtp;

import dev.postern.core.protocol.Signal;

/** The session has ended; what still comes means nothing. */
record Over(Session session) implements State {
  @Override
  public Next on(Signal signal) {
    return ignored();
  }
}
