package dev.postern.imap;

import dev.postern.core.protocol.Signal;

/** The session is over; what still happens changes nothing. */
record Closing() implements State {
  @Override
  public Turn on(Signal signal, Session session) {
    return Turn.to(this);
  }

  @Override
  public boolean mayReply(Session session) {
    return false;
  }
}
