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
 * @param tag of the LOGIN or AUTHENTICATE command; {@link #GREETING} where there was none
 * @param credentials what the client gave
 */
record Attempt(Client client, String tag, Credentials credentials) {
  /** Stands for the tag while the client waits for the greeting, with its certificate alone. */
  static final String GREETING = "*";

  /** Begins to log in the client that a certificate stands for, before it is greeted (CCO-3.2). */
  static Attempt before(Client client, String identity) {
    return new Attempt(client, GREETING, Credentials.external(identity));
  }

  /** Asks policy, before any backend hears of it. */
  Turn decide() {
    return Turn.to(new BackendLogin.Deciding(this), Effect.Decide.about(credentials));
  }

  /** The backend has refused: the answer waits as long as a failed login costs. */
  Turn refused(String answer) {
    return delayed(answer).after(LEAVE_BACKEND);
  }

  /** The client is refused: the answer waits as long as a failed login costs. */
  Turn delayed(String answer) {
    return delayed(answer, LoginOutcome.REFUSED);
  }

  /** The same, whoever has refused. */
  Turn delayed(String answer, LoginOutcome outcome) {
    return Turn.to(new BackendLogin.Delayed(this, answer), ended(outcome), PAUSE);
  }

  /** No answer can be had of the backend. */
  Turn unavailable(String answer, Session session) {
    return failed(answer, session).after(ended(LoginOutcome.UNAVAILABLE)).after(LEAVE_BACKEND);
  }

  /**
   * Tells the client that it is not logged in. One that has not been greeted has not asked to be:
   * it is greeted as anybody else, and may log in by a password, or find out why not.
   *
   * @param answer what follows the tag
   */
  Turn failed(String answer, Session session) {
    return Turn.to(
        client.ready(),
        greets() ? reply(session.greeting(client)) : reply(tag + " " + answer + "\r\n"),
        READ_LINE);
  }

  /** Says whether the client waits for the greeting. */
  boolean greets() {
    return tag.equals(GREETING);
  }

  /** Tells how the attempt ended. */
  Effect ended(LoginOutcome outcome) {
    return new Effect.Emit(
        new SessionEvent.LoginEnded(credentials.user(), credentials.mechanism(), outcome));
  }
}
