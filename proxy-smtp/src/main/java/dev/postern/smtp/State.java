package dev.postern.smtp;

import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Signal;
import java.util.Optional;

/**
 * Where a session stands.
 *
 * <pre>
 *   Opening ─▶ Unauthenticated ◀──▶ SecuringClient            STARTTLS
 *                │     ▲   ◀──▶ UntimelyChunk               BDAT
 *                │     ▲
 *                ▼     │ cancelled, denied, refused
 *              Challenged ─▶ Deciding ─▶ LoggingIn ─▶ Penalized
 *                  MAIL without AUTH ▲       │ 235, or MAIL without AUTH
 *                                            ▼
 *                             ┌─────────▶ Relaying ─▶ StreamingBody ─▶ AwaitingVerdict
 *              chunk not      │            │ │  ▲──────────────────────────────┘
 *              offered        HearingOut ◀─┘ └─▶ Discarding             chunk too large
 *   any ─▶ Over
 * </pre>
 *
 * Each is immutable. A signal that a state does not expect leaves it as it is.
 */
sealed interface State
    permits Opening,
        Unauthenticated,
        SecuringClient,
        Challenged,
        LoginAttempt,
        Penalized,
        Relaying,
        StreamingBody,
        Discarding,
        HearingOut,
        UntimelyChunk,
        AwaitingVerdict,
        Over {

  /** Takes a signal; those that mean the same in all states never come here. */
  Next on(Signal signal);

  /** Returns what does not change. */
  Session session();

  /** Says whether a message has begun and has no verdict yet. */
  default boolean isMidMessage() {
    return false;
  }

  /** Says whether the next reply would be taken for the answer to a command before. */
  default boolean isAnswerDue() {
    return false;
  }

  /** Returns what sinks are told when the session is over and this is where it stood. */
  default Optional<SessionEvent> cutOff() {
    return Optional.empty();
  }

  /** Returns the proxy's own replies. */
  default Replies replies() {
    return session().replies();
  }

  /** Stays as it is and does nothing. */
  default Next ignored() {
    return Next.to(this);
  }

  /** Ends the session. */
  default Next over(Farewell farewell) {
    return Next.over(session(), farewell);
  }
}
