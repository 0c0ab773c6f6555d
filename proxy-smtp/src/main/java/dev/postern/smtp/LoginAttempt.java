package dev.postern.smtp;

import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.sasl.Credentials;

/** The client has given its credentials and waits for the one answer to them. */
sealed interface LoginAttempt extends State permits Deciding, LoggingIn {

  /** Returns what the client gave. */
  Credentials credentials();

  /** Returns what sinks are told when the attempt ends. */
  default SessionEvent ended(LoginOutcome outcome) {
    return new SessionEvent.LoginEnded(credentials().user(), credentials().mechanism(), outcome);
  }

  /** Ends the session, and the attempt with it. */
  @Override
  default Next over(Farewell farewell) {
    return State.super.over(farewell.telling(ended(LoginOutcome.UNAVAILABLE)));
  }
}
