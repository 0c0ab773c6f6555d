package dev.postern.core.server;

import dev.postern.core.event.Limit;
import dev.postern.core.session.Endpoints;
import dev.postern.core.session.Entrance;
import dev.postern.core.session.SessionDriver;
import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The sessions that are open, so that they can be told when the proxy shuts down. Thread-safe. */
final class Sessions {
  private final Set<SessionDriver> open = ConcurrentHashMap.newKeySet();
  private volatile boolean draining;

  /**
   * Begins a session on an accepted channel.
   *
   * @param entrance with a reference to its TLS, which becomes the session's
   */
  void begin(Channel accepted, Endpoints ends, Entrance entrance, @Nullable Limit refusal) {
    SessionDriver session = SessionDriver.begin(accepted, ends, entrance, refusal);
    open.add(session);
    accepted.closeFuture().addListener(closed -> open.remove(session));
    if (draining) {
      // accepted before the listener was closed, and after the others were told
      session.loop().execute(session::shutDown);
    }
  }

  /** Tells all to end at their next command boundary, and those that come later too. */
  void drain() {
    draining = true;
    open.forEach(s -> s.loop().execute(s::shutDown));
  }

  boolean isDraining() {
    return draining;
  }

  /** Cuts off what is left. */
  void stop() {
    open.forEach(s -> s.loop().execute(s::stop));
  }

  int count() {
    return open.size();
  }
}
