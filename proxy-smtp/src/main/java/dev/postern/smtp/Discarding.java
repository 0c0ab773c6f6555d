package dev.postern.smtp;

import dev.postern.core.protocol.Signal;

/**
 * A chunk makes the message larger than the configuration allows. The client is heard out, so that
 * it can hear the answer (RFC 3030 §2); the backend has been left, so that it delivers nothing, and
 * sinks have been told.
 *
 * @param farewell what the client hears then
 */
record Discarding(Session session, Farewell farewell) implements State {
  @Override
  public Next on(Signal signal) {
    return signal instanceof Signal.BodyDone ? over(farewell) : ignored();
  }
}
