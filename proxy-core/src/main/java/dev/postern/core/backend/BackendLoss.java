package dev.postern.core.backend;

/**
 * Why a backend connection is not there, or no longer. The label is the metric tag and the audit
 * value.
 */
public enum BackendLoss {
  /** No connection could be made: refused, unreachable, or the name does not resolve. */
  UNREACHABLE("unreachable"),
  /** No connection, or no answer, in time. */
  TIMEOUT("timeout"),
  /** The backend closed the connection. */
  CLOSED("closed"),
  /** The connection broke. */
  RESET("reset"),
  /** The backend said something that cannot be followed. */
  PROTOCOL("protocol");

  private final String label;

  BackendLoss(String label) {
    this.label = label;
  }

  /** Returns the metric tag value. */
  public String label() {
    return label;
  }
}
