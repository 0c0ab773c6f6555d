package dev.postern.imap;

import dev.postern.core.protocol.Effect;
import java.util.ArrayList;
import java.util.List;

/**
 * What a signal leads to.
 *
 * @param next the state from now on
 * @param effects what to do, in order
 */
record Turn(State next, List<Effect> effects) {
  static Turn to(State next, Effect... effects) {
    return new Turn(next, List.of(effects));
  }

  /** Returns the same turn with something to be done before the rest. */
  Turn after(Effect first) {
    List<Effect> all = new ArrayList<>(effects.size() + 1);
    all.add(first);
    all.addAll(effects);
    return new Turn(next, List.copyOf(all));
  }
}
