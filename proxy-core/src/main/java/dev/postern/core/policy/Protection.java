package dev.postern.core.policy;

import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsVersion;
import java.util.Optional;

/** How well a channel is protected, as a rule may ask for it. */
public sealed interface Protection {

  /** Says whether a channel is protected so. */
  boolean describes(Optional<TlsFacts> tls);

  /** No TLS. */
  record Cleartext() implements Protection {
    @Override
    public boolean describes(Optional<TlsFacts> tls) {
      return tls.isEmpty();
    }
  }

  /**
   * TLS, this version or newer.
   *
   * @param version oldest version
   */
  record TlsFrom(TlsVersion version) implements Protection {
    @Override
    public boolean describes(Optional<TlsFacts> tls) {
      return tls.isPresent() && tls.get().version().compareTo(version) >= 0;
    }
  }

  /**
   * TLS, older than this version.
   *
   * @param version the version that would be new enough
   */
  record TlsBelow(TlsVersion version) implements Protection {
    @Override
    public boolean describes(Optional<TlsFacts> tls) {
      return tls.isPresent() && tls.get().version().compareTo(version) < 0;
    }
  }
}
