package dev.postern.core.event;

/** Hears of every event of every session. Called on event loops: must neither block nor throw. */
public interface EventSink {

  /**
   * Takes one event.
   *
   * @param context who it is about
   * @param event what happened
   */
  void accept(SessionContext context, SessionEvent event);

  /** Returns a sink that passes each event to all of the given ones, in order. */
  static EventSink all(Iterable<EventSink> sinks) {
    return (context, event) -> sinks.forEach(s -> s.accept(context, event));
  }
}
