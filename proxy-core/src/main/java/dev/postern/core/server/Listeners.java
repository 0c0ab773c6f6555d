package dev.postern.core.server;

import dev.postern.core.config.ListenerSettings;
import dev.postern.core.session.Entrance;
import dev.postern.core.upstream.Transport;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The listening sockets. A socket whose address stays is kept, whatever its listener is called by
 * then.
 */
final class Listeners {
  private final Transport transport;
  private final EventLoopGroup loops;
  private final ConnectionLimiter limiter;
  private final Sessions sessions;
  private final Map<String, Listener> byName = new LinkedHashMap<>();

  Listeners(
      Transport transport, EventLoopGroup loops, ConnectionLimiter limiter, Sessions sessions) {
    this.transport = transport;
    this.loops = loops;
    this.limiter = limiter;
    this.sessions = sessions;
  }

  /**
   * Binds what is new, then exchanges what new sessions get, then closes what is gone. Listeners
   * that wait for a certificate are not bound: connections that are refused tell load balancers
   * more than connections that are closed.
   *
   * @throws StartException when an address cannot be bound; nothing has changed
   */
  void exchange(Compiled next) throws StartException {
    Set<Listener> unclaimed = new LinkedHashSet<>(byName.values());
    List<Listener> fresh = new ArrayList<>();
    Map<String, Listener> after = new LinkedHashMap<>();
    try {
      for (ListenerSettings settings : bound(next)) {
        Listener listener = claim(settings, unclaimed);
        if (listener == null) {
          listener = new Listener(settings, entrance(next, settings), limiter, sessions);
          listener.bind(transport, loops);
          fresh.add(listener);
        }
        after.put(settings.name(), listener);
      }
    } catch (StartException e) {
      fresh.forEach(Listener::close);
      throw e;
    }
    for (ListenerSettings settings : bound(next)) {
      Listener listener = after.get(settings.name());
      if (listener != null) {
        listener.enter(settings, entrance(next, settings));
      }
    }
    unclaimed.forEach(Listener::close);
    byName.clear();
    byName.putAll(after);
  }

  private static List<ListenerSettings> bound(Compiled of) {
    return of.configuration().listeners().stream()
        .filter(listener -> of.entrances().containsKey(listener.name()))
        .toList();
  }

  private @Nullable Listener claim(ListenerSettings settings, Set<Listener> unclaimed) {
    Listener sameName = byName.get(settings.name());
    if (sameName != null
        && sameName.settings().address().equals(settings.address())
        && unclaimed.remove(sameName)) {
      return sameName;
    }
    for (Listener listener : unclaimed) {
      // port 0 asks for a free port, each time another
      if (settings.address().getPort() != 0 && listener.address().equals(settings.address())) {
        unclaimed.remove(listener);
        return listener;
      }
    }
    return null;
  }

  private static Entrance entrance(Compiled of, ListenerSettings settings) {
    Entrance found = of.entrances().get(settings.name());
    if (found == null) {
      throw new IllegalStateException("not compiled: " + settings.name());
    }
    return found;
  }

  /** Returns the addresses in use, by the listener's name. */
  Map<String, InetSocketAddress> addresses() {
    Map<String, InetSocketAddress> out = new LinkedHashMap<>();
    byName.forEach((name, listener) -> out.put(name, listener.address()));
    return out;
  }

  void close() {
    byName.values().forEach(Listener::close);
  }
}
