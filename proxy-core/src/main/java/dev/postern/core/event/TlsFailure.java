package dev.postern.core.event;

/** Why a TLS handshake failed. The label is the metric tag and the audit value. */
public enum TlsFailure {
  /** No TLS version in common. */
  NO_SHARED_VERSION("no-shared-version"),
  /** No cipher suite or group in common. */
  NO_SHARED_SUITE("no-shared-suite"),
  /** The client asked for a server that no certificate is for, or named none where it has to. */
  UNKNOWN_SERVER_NAME("unknown-server-name"),
  /** The client wants to speak application protocols only that are not spoken here. */
  NO_SHARED_ALPN("no-shared-alpn"),
  /** The client's certificate is not accepted, or none came where one is required. */
  BAD_CLIENT_CERTIFICATE("bad-client-certificate"),
  /** The ClientHello could not be read. */
  MALFORMED("malformed"),
  /** The client rejected the certificate, or broke off with an alert of its own. */
  CLIENT_ALERT("client-alert"),
  /** Not finished in time. */
  TIMEOUT("timeout"),
  /** What came was neither TLS nor HTTP. */
  NOT_TLS("not-tls"),
  /** What came was an HTTP request. */
  HTTP("http"),
  /** The client went away in the middle. */
  CLOSED("closed"),
  /** The connection broke in the middle. */
  RESET("reset"),
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
