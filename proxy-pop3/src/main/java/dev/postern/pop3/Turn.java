package dev.postern.pop3;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import dev.postern.core.sasl.Credentials;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a signal led to.
 *
 * @param next the state from now on
 * @param effects what to do
 */
record Turn(State next, List<Effect> effects) {

  static Turn to(State next, Effect... effects) {
    return new Turn(next, List.of(effects));
  }

  /** Answers a command and asks for the next. */
  static Turn answer(State next, String answer) {
    return to(next, Effect.reply(answer), Effect.READ_LINE);
  }

  /** Ends the session with a word to the client. */
  static Turn close(EndReason reason, String lastWords) {
    return to(new State.Closed(), Effect.reply(lastWords), new Effect.Close(reason));
  }

  /** Ends the session where the client cannot be told. */
  static Turn close(EndReason reason) {
    return to(new State.Closed(), new Effect.Close(reason));
  }

  /** Returns this turn with some effects more, before its own. */
  Turn after(Effect... first) {
    List<Effect> all = new ArrayList<>(Arrays.asList(first));
    all.addAll(effects);
    return new Turn(next, all);
  }

  /** Returns this turn, with the end of a login attempt told before it. */
  Turn afterEnd(Credentials credentials, LoginOutcome outcome) {
    return after(
        new Effect.Emit(
            new SessionEvent.LoginEnded(credentials.user(), credentials.mechanism(), outcome)));
  }
}
