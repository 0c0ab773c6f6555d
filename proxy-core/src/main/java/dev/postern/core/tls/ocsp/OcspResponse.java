package dev.postern.core.tls.ocsp;

import java.time.Duration;
import java.time.Instant;

/** A response that says that a certificate is good, verified. Immutable. */
final class OcspResponse {
  private final byte[] der;
  private final Instant thisUpdate;
  private final Instant nextUpdate;
  private final long endMillis;

  /**
   * Keeps a response.
   *
   * @param der not copied, and never written to
   * @param thisUpdate since when it is so
   * @param nextUpdate until when it may be used
   */
  OcspResponse(byte[] der, Instant thisUpdate, Instant nextUpdate) {
    this.der = der;
    this.thisUpdate = thisUpdate;
    this.nextUpdate = nextUpdate;
    this.endMillis = nextUpdate.toEpochMilli();
  }

  byte[] der() {
    return der;
  }

  Instant thisUpdate() {
    return thisUpdate;
  }

  Instant nextUpdate() {
    return nextUpdate;
  }

  Instant halfLife() {
    return thisUpdate.plus(Duration.between(thisUpdate, nextUpdate).dividedBy(2));
  }

  /**
   * Says whether it may be used.
   *
   * @param nowMillis the time in milliseconds since 1970
   */
  boolean isGoodAt(long nowMillis) {
    return nowMillis < endMillis;
  }
}
