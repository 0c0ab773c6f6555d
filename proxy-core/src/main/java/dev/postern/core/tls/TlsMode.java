package dev.postern.core.tls;

/** How TLS comes to a connection. */
public enum TlsMode {
  /** The handshake begins when the connection is made (CCO-3). */
  IMPLICIT("implicit"),
  /** The client asks for it by STARTTLS or STLS. */
  STARTTLS("starttls");

  private final String label;

  TlsMode(String label) {
    this.label = label;
  }

  /** Returns the metric tag value. */
  public String label() {
    return label;
  }
}
