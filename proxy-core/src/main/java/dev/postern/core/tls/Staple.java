package dev.postern.core.tls;

import java.util.Optional;

/** The OCSP response that goes with a certificate (RFC 6066 §8), kept fresh by somebody else. */
@FunctionalInterface
public interface Staple {
  /** For a certificate without stapling. */
  Staple NONE = Optional::empty;

  /**
   * Returns the response that is good now, in DER; never waits. Called on event loops, for every
   * handshake.
   */
  Optional<byte[]> current();
}
