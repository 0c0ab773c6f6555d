package dev.postern.core.server;

import dev.postern.core.event.Limit;
import dev.postern.core.snapshot.Limits;
import io.netty.channel.Channel;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts open connections, in all and by client address. Thread-safe. */
final class ConnectionLimiter {
  /** An IPv4 address, or the first 64 bits of an IPv6 one: what one subscriber is given. */
  private record Client(boolean ipv4, long bits) {
    static Client of(InetAddress address) {
      ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
      return address instanceof Inet4Address
          ? new Client(true, octets.getInt())
          : new Client(false, octets.getLong());
    }
  }

  private final AtomicInteger all = new AtomicInteger();
  private final ConcurrentHashMap<Client, Integer> byClient = new ConcurrentHashMap<>();

  /**
   * Counts a connection until its channel is closed.
   *
   * @return the limit that it exceeds, if it does; it is counted all the same
   */
  Optional<Limit> admit(Channel channel, InetAddress address, Limits limits) {
    Client client = Client.of(address);
    int total = all.incrementAndGet();
    int ofClient = byClient.merge(client, 1, Integer::sum);
    channel
        .closeFuture()
        .addListener(
            closed -> {
              all.decrementAndGet();
              byClient.computeIfPresent(client, (c, n) -> n == 1 ? null : n - 1);
            });
    if (total > limits.connections()) {
      return Optional.of(Limit.CONNECTIONS);
    }
    return ofClient > limits.connectionsPerAddress()
        ? Optional.of(Limit.CONNECTIONS_PER_ADDRESS)
        : Optional.empty();
  }

  /** Returns the number of open connections. */
  int open() {
    return all.get();
  }
}
