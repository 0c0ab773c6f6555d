package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.SessionEvent;
import java.util.List;

/**
 * How a session ends.
 *
 * @param reply last words to the client; may be empty
 * @param reason why
 * @param events what sinks are told
 */
record Farewell(String reply, EndReason reason, List<SessionEvent> events) {
  Farewell(String reply, EndReason reason, SessionEvent... events) {
    this(reply, reason, List.of(events));
  }
}
