package dev.postern.core.tls;

import java.util.List;
import java.util.stream.Stream;

/** Versions and suites that belong together, under a name. */
public enum TlsProfile {
  /** TLS 1.3 alone. */
  MODERN("modern", TlsVersion.TLS_1_3, List.of()),

  /**
   * The floor of RFC 8997 and everything above it, with the forward-secret AEAD suites of TLS 1.2
   * (RFC 9325 §4.2).
   */
  INTERMEDIATE("intermediate", TlsVersion.TLS_1_2, Suites.FORWARD_SECRET_AEAD),

  /**
   * For clients that cannot be replaced: adds TLS 1.0 and 1.1, and suites with CBC or without
   * forward secrecy, TLS_RSA_WITH_AES_128_CBC_SHA among them (DEEP-9.1a).
   */
  LEGACY("legacy", TlsVersion.TLS_1_0, Suites.WITH_LEGACY);

  private static final class Suites {
    static final List<String> FORWARD_SECRET_AEAD =
        List.of(
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
            "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
            "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
    static final List<String> WITH_LEGACY =
        Stream.concat(
                FORWARD_SECRET_AEAD.stream(),
                Stream.of(
                    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
                    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
                    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
                    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
                    "TLS_RSA_WITH_AES_128_GCM_SHA256",
                    "TLS_RSA_WITH_AES_128_CBC_SHA",
                    "TLS_RSA_WITH_AES_256_CBC_SHA"))
            .toList();
  }

  private final String label;
  private final TlsVersion minimum;

  @SuppressWarnings("ImmutableEnumChecker") // made by List.of and toList
  private final List<String> cipherSuites;

  TlsProfile(String label, TlsVersion minimum, List<String> cipherSuites) {
    this.label = label;
    this.minimum = minimum;
    this.cipherSuites = cipherSuites;
  }

  /** Returns the name used in configuration. */
  public String label() {
    return label;
  }

  /** Returns the oldest version; every profile goes up to the newest. */
  public TlsVersion minimum() {
    return minimum;
  }

  /** Returns suites of TLS 1.2 and older by their IANA names, most preferred first. */
  public List<String> cipherSuites() {
    return cipherSuites;
  }
}
