package dev.postern.imap;

import static dev.postern.core.protocol.Effect.LEAVE_BACKEND;
import static dev.postern.core.protocol.Effect.PAUSE;
import static dev.postern.core.protocol.Effect.READ_LINE;
import static dev.postern.core.protocol.Effect.reply;

import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import dev.postern.core.sasl.Credentials;

/**
 * An attempt to log in.
 *
 * @param client who tries
 * @param tag of the LOGIN or AUTHENTICATE command
 * @param credentials what the client gave
 */
record Attempt(Client client, String tag, Credentials credentials) {

  /** Asks policy, before any backend hears of it. */
  Turn decide() {
    return Turn.to(new BackendLogin.Deciding(this), Effect.Decide.about(credentials));
  }

  /** The backend has refused: the answer waits as long as a failed login costs. */
  Turn refused(String answer) {
    return Turn.to(
        new BackendLogin.Delayed(this, answer), LEAVE_BACKEND, ended(LoginOutcome.REFUSED), PAUSE);
  }

  /** No answer can be had of the backend. */
  Turn unavailable(String answer) {
    return Turn.to(
        client.ready(), LEAVE_BACKEND, ended(LoginOutcome.UNAVAILABLE), answer(answer), READ_LINE);
  }

  /** Tells how the attempt ended. */
  Effect ended(LoginOutcome outcome) {
    return new Effect.Emit(
        new SessionEvent.LoginEnded(credentials.user(), credentials.mechanism(), outcome));
  }

  /** Answers the command. */
  Effect answer(String condition) {
    return reply(tag + " " + condition + "\r\n");
  }
}
