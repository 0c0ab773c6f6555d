package dev.postern.core.event;

/** Why a TLS handshake failed. The label is the metric tag and the audit value. */
public enum TlsFailure {
  /** No TLS version in common. */
  NO_SHARED_VERSION("no-shared-version"),
  /** No cipher suite or group in common. */
  NO_SHARED_SUITE("no-shared-suite"),
  /** The client rejected the certificate, or broke off with an alert of its own. */
  CLIENT_ALERT("client-alert"),
  /** Not finished in time. */
  TIMEOUT("timeout"),
  /** What came was not TLS. */
  NOT_TLS("not-tls"),
  /** The client went away in the middle. */
  CLOSED("closed"),
  /** Anything else. */
  OTHER("other");

  private final String label;

  TlsFailure(String label) {
    this.label = label;
  }

  /** Returns the metric tag value. */
  public String label() {
    return label;
  }
}
