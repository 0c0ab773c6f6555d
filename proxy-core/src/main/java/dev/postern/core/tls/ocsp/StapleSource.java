package dev.postern.core.tls.ocsp;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Where responses come from, and how often one looks there. */
interface StapleSource {

  /** Returns what to call it in a log. */
  String name();

  /**
   * Gets what is there now.
   *
   * @return the octets, not looked at; empty when they are those of the last time; or an {@link
   *     OcspUnreachable}
   */
  CompletableFuture<Optional<byte[]>> next();

  /** Returns how long to wait once there is a good response. */
  Duration pause(OcspResponse response, Instant now);

  /**
   * Returns how long to wait after a failure.
   *
   * @param failures how many there were in a row, at least 1
   */
  Duration pauseAfter(int failures);
}
