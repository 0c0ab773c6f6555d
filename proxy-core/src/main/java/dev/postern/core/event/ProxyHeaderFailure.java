package dev.postern.core.event;

/**
 * Why a connection was closed where the PROXY protocol is required. The label is the metric tag and
 * the audit value.
 */
public enum ProxyHeaderFailure {
  /** It came from an address that is none of the balancers'. */
  UNTRUSTED("untrusted"),
  /** What came first was no PROXY header, or one that cannot be read. */
  MALFORMED("malformed"),
  /** No whole header came in time. */
  TIMEOUT("timeout");

  private final String label;

  ProxyHeaderFailure(String label) {
    this.label = label;
  }

  /** Returns the metric tag value. */
  public String label() {
    return label;
  }
}
