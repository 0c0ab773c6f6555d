package dev.postern.core.protocol;

import dev.postern.core.event.SessionEvent;
import java.util.List;

/**
 * One session's conversation: a state machine whose only mutable thing is a reference to an
 * immutable state. It never blocks, never looks at a clock and never touches a channel, so it can
 * be tested by transcript.
 *
 * <p>Nothing of the client is read unless the dialogue asks: after each line or run of octets the
 * client side rests until the next {@link Effect.ReadLine}, {@link Effect.ReadOctets}, {@link
 * Effect.StreamBody} or {@link Effect.PassThrough}. Backend lines are delivered as they come.
 */
public interface Dialogue {

  /**
   * Takes what happened and says what to do.
   *
   * @param signal what happened; its buffers are valid only during the call and stay the caller's
   * @return what to do, in order; buffers in it become the caller's
   */
  List<Effect> on(Signal signal);

  /**
   * Returns what sinks are told of work that the end of the session has cut off. Asked once, when
   * the session is over and no signal comes any more; nothing when the dialogue has ended it.
   */
  default List<SessionEvent> cutOff() {
    return List.of();
  }
}
