package dev.postern.core.server;

import dev.postern.core.event.Limit;
import dev.postern.core.session.ClientNetwork;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.tls.TlsMode;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts open connections, in all and by client address. Thread-safe. Connections above a limit
 * take no place from others: a few are told so, without the cost of a handshake, and the rest are
 * closed at once.
 */
final class ConnectionLimiter {
  private static final int TOLD_AT_ONCE = 100;
  private static final int TOLD_AT_ONCE_BY_ADDRESS = 5;

  /** What becomes of a connection. */
  sealed interface Admittance {

    /** It is served. */
    record Served() implements Admittance {}

    /**
     * It is told that there are too many, and closed.
     *
     * @param limit which limit was reached
     */
    record Told(Limit limit) implements Admittance {}

    /**
     * It is closed without a word.
     *
     * @param limit which limit was reached
     */
    record Dropped(Limit limit) implements Admittance {}
  }

  private final AtomicInteger served = new AtomicInteger();
  private final AtomicInteger told = new AtomicInteger();
  private final ConcurrentHashMap<ClientNetwork, Integer> byClient = new ConcurrentHashMap<>();

  /** Counts a connection until its channel is closed, and says what becomes of it. */
  Admittance admit(Channel channel, InetAddress address, TlsMode mode, Limits limits) {
    ClientNetwork client = ClientNetwork.of(address);
    int ofClient = byClient.merge(client, 1, Integer::sum);
    channel
        .closeFuture()
        .addListener(closed -> byClient.computeIfPresent(client, (c, n) -> n == 1 ? null : n - 1));
    int most = limits.connectionsPerAddress();
    if (ofClient > most) {
      return refuse(
          channel, mode, Limit.CONNECTIONS_PER_ADDRESS, ofClient <= most + TOLD_AT_ONCE_BY_ADDRESS);
    }
    if (served.incrementAndGet() > limits.connections()) {
      served.decrementAndGet();
      return refuse(channel, mode, Limit.CONNECTIONS, true);
    }
    channel.closeFuture().addListener(closed -> served.decrementAndGet());
    return new Admittance.Served();
  }

  private Admittance refuse(Channel channel, TlsMode mode, Limit limit, boolean tell) {
    if (!tell || mode == TlsMode.IMPLICIT) {
      return new Admittance.Dropped(limit);
    }
    if (told.incrementAndGet() > TOLD_AT_ONCE) {
      told.decrementAndGet();
      return new Admittance.Dropped(limit);
    }
    channel.closeFuture().addListener(closed -> told.decrementAndGet());
    return new Admittance.Told(limit);
  }

  /** Returns the number of connections that are served. */
  int open() {
    return served.get();
  }
}
