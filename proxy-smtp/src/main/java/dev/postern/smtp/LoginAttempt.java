package dev.postern.smtp;

import dev.postern.core.event.LoginOutcome;

/**
 * The client has given its credentials, or the first command of a message without a login, and
 * waits for the one answer to it.
 */
sealed interface LoginAttempt extends State permits Deciding, LoggingIn {

  /** Returns what the client wants. */
  Purpose purpose();

  /** Ends the session, and the attempt with it. */
  @Override
  default Next over(Farewell farewell) {
    return State.super.over(
        purpose().ended(LoginOutcome.UNAVAILABLE).map(farewell::telling).orElse(farewell));
  }
}
