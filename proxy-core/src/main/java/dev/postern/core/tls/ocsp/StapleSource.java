package dev.postern.core.tls.ocsp;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/** Where responses come from, and how often one looks there. */
interface StapleSource {

  /** Returns what to call it in a log. */
  String name();

  /**
   * Gets what is there now.
   *
   * @return the octets, not looked at; or an {@link OcspUnreachable}
   */
  CompletableFuture<byte[]> next();

  /**
   * Says whether a failure counts and is logged that is the same as the one before: not where each
   * look finds what the last one left.
   */
  boolean isEachFailureNews();

  /** Returns how long to wait once there is a good response. */
  Duration pause(OcspResponse response, Instant now);

  /**
   * Returns how long to wait after a failure.
   *
   * @param failures how many there were in a row, at least 1
   */
  Duration pauseAfter(int failures);
}
