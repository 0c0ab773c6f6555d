package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.wire.WireViolation;
import java.util.ArrayList;
import java.util.List;

/**
 * How a session ends.
 *
 * @param reply last words to the client; may be empty
 * @param reason why
 * @param events what sinks are told
 */
record Farewell(String reply, EndReason reason, List<SessionEvent> events) {
  /** A chunk comes, and there is no telling where it ends. */
  static final Farewell UNREADABLE_CHUNK =
      new Farewell(
          Replies.BAD_CHUNK,
          EndReason.VIOLATION,
          new SessionEvent.Violated(WireViolation.MALFORMED));

  Farewell(String reply, EndReason reason, SessionEvent... events) {
    this(reply, reason, List.of(events));
  }

  /**
   * A message that the backend has not accepted, for it will never say so.
   *
   * @param reply last words to the client
   * @param code the backend's, 0 when it has given none
   * @param before what sinks are told first
   */
  static Farewell withoutVerdict(
      Transaction transaction, String reply, int code, SessionEvent... before) {
    return new Farewell(reply, EndReason.BACKEND_FAILED, before)
        .telling(transaction.submitted(code, false));
  }

  /** A message whose verdict, or whose next octets, did not come in time. */
  static Farewell timedOut(Transaction transaction, String reply) {
    return new Farewell(reply, EndReason.TIMEOUT).telling(transaction.submitted(0, false));
  }

  /** A message larger than the configuration allows; the backend has been left. */
  static Farewell tooLarge(Transaction transaction) {
    return new Farewell(
        Replies.MESSAGE_TOO_LARGE,
        EndReason.LIMIT,
        new SessionEvent.LimitReached(Limit.MESSAGE_SIZE),
        transaction.submitted(552, false));
  }

  /** Returns the same with one event more, after the others. */
  Farewell telling(SessionEvent event) {
    List<SessionEvent> all = new ArrayList<>(events);
    all.add(event);
    return new Farewell(reply, reason, List.copyOf(all));
  }
}
