package dev.postern.core.session;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;

/**
 * TLS handshakes in progress, by client address (IPv6: by /64), since a handshake is what a client
 * can make the proxy do most cheaply. Thread-safe; holds nothing of addresses without any.
 */
public final class Handshakes {
  private final ConcurrentHashMap<ClientNetwork, Integer> inProgress = new ConcurrentHashMap<>();

  /**
   * Counts one more, unless there are too many.
   *
   * @param most most at once of one address
   * @return whether it may begin; then {@link #end} follows
   */
  boolean begin(InetAddress address, int most) {
    boolean[] may = {false};
    inProgress.compute(
        ClientNetwork.of(address),
        (network, count) -> {
          int now = count == null ? 0 : count;
          may[0] = now < most;
          return may[0] ? Integer.valueOf(now + 1) : count;
        });
    return may[0];
  }

  /** Counts one less. */
  void end(InetAddress address) {
    inProgress.computeIfPresent(
        ClientNetwork.of(address), (network, count) -> count == 1 ? null : count - 1);
  }

  /** Returns the number of addresses that are counted. */
  int addresses() {
    return inProgress.size();
  }
}
