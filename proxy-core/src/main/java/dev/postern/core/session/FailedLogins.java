package dev.postern.core.session;

import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How long the answer to a failed login is held back: twice as long as the time before for each one
 * in a row from the same network, up to a bound, whatever user it was about. A success does not
 * shorten it: nobody's good login waits, and one account of his own must not help a guesser.
 * Thread-safe, and bounded in memory.
 */
public final class FailedLogins {
  private static final int LONGEST_FACTOR = 8;
  private static final int MOST_NETWORKS = 50_000;
  private static final long FORGOTTEN_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** Failures in a row, and when the last one was. */
  private record Row(int length, long last) {}

  private final ConcurrentHashMap<ClientNetwork, Row> rows = new ConcurrentHashMap<>();
  private final LongSupplier nanos;

  /** Makes an empty memory. */
  public FailedLogins() {
    this(System::nanoTime);
  }

  FailedLogins(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /**
   * Notes a failure.
   *
   * @param base what the first failure costs
   * @return what this one costs
   */
  Duration penalty(InetAddress address, Duration base) {
    long now = nanos.getAsLong();
    if (rows.size() >= MOST_NETWORKS) {
      rows.values().removeIf(row -> now - row.last() > FORGOTTEN_NANOS);
    }
    if (rows.size() >= MOST_NETWORKS) {
      return base.multipliedBy(LONGEST_FACTOR);
    }
    Row row =
        rows.merge(
            ClientNetwork.of(address),
            new Row(1, now),
            (before, first) ->
                now - before.last() > FORGOTTEN_NANOS
                    ? first
                    : new Row(Math.min(before.length() + 1, LONGEST_FACTOR), now));
    return base.multipliedBy(Math.min(1 << Math.min(row.length() - 1, 3), LONGEST_FACTOR));
  }
}
