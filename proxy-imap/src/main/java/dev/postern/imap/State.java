package dev.postern.imap;

import dev.postern.core.protocol.Signal;

/**
 * Where a session is. A state is immutable; what it leaves unanswered in {@link #on} cannot happen
 * in it, or no longer matters.
 *
 * <pre>
 *   Fresh ─▶ PreTls ──STARTTLS──▶ AwaitingTls ─▶ PreAuth ─▶ Authenticating ─▶ BackendLogin ─▶ Relaying
 *     └──────────────────────────────────────────▶ ▲ └──▶ Collecting ───────────▲ │
 *                                                  └──────── refused ─────────────┘
 *     └──a certificate logs in before the greeting─▶ BackendLogin
 *   any ─▶ Closing
 * </pre>
 */
sealed interface State
    permits Fresh,
        PreLogin,
        AwaitingTls,
        Collecting,
        Discarding,
        Authenticating,
        BackendLogin,
        Relaying,
        Closing {

  /**
   * Takes what happened.
   *
   * @param signal what happened
   * @param session what does not change
   */
  Turn on(Signal signal, Session session);

  /** Says whether a line of the proxy's own may be written to the client now. */
  default boolean mayReply(Session session) {
    return true;
  }
}
