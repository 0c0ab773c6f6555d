package dev.postern.smtp;

import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import java.util.ArrayList;
import java.util.List;

/**
 * What a signal led to.
 *
 * @param state where the session stands now
 * @param effects what is to be done, in order
 */
record Next(State state, List<Effect> effects) {

  static Next to(State state, Effect... effects) {
    return new Next(state, List.of(effects));
  }

  /** Answers the client and waits for its next line. */
  static Next answering(State state, String reply) {
    return to(state, Effect.reply(reply), Effect.READ_LINE);
  }

  /** Tells sinks of an event first. */
  Next after(SessionEvent event) {
    List<Effect> all = new ArrayList<>(effects.size() + 1);
    all.add(new Effect.Emit(event));
    all.addAll(effects);
    return new Next(state, all);
  }

  /** Ends a session. */
  static Next over(Session session, Farewell farewell) {
    List<Effect> effects = new ArrayList<>();
    say(farewell, effects);
    return new Next(new Over(session), effects);
  }

  static void say(Farewell farewell, List<Effect> out) {
    farewell.events().forEach(e -> out.add(new Effect.Emit(e)));
    if (!farewell.reply().isEmpty()) {
      out.add(new Effect.Reply(Lines.octets(farewell.reply())));
    }
    out.add(new Effect.Close(farewell.reason()));
  }
}
