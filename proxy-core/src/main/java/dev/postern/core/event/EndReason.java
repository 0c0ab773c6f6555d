package dev.postern.core.event;

/** Why a session ended. The label is the metric tag and the audit value. */
public enum EndReason {
  /** The client said goodbye (LOGOUT, QUIT). */
  LOGOUT("logout"),
  /** The client closed the connection, with a TLS close_notify where there was TLS. */
  CLIENT_CLOSED("client-closed"),
  /** The client's TLS ended without close_notify (CCO-3.4). */
  CLIENT_TRUNCATED("client-truncated"),
  /** The client's connection broke. */
  CLIENT_RESET("client-reset"),
  /** The backend closed the connection after login. */
  BACKEND_CLOSED("backend-closed"),
  /** The backend could not be reached or broke. */
  BACKEND_FAILED("backend-failed"),
  /** The TLS handshake failed. */
  TLS_FAILED("tls-failed"),
  /** The client broke the protocol. */
  VIOLATION("violation"),
  /** A limit was reached: bad commands, connections, and the like. */
  LIMIT("limit"),
  /** No login in time, or idle too long. */
  TIMEOUT("timeout"),
  /** The proxy is shutting down. */
  SHUTDOWN("shutdown"),
  /** A defect of the proxy; the log has it. */
  INTERNAL("internal");

  private final String label;

  EndReason(String label) {
    this.label = label;
  }

  /** Returns the metric tag value. */
  public String label() {
    return label;
  }
}
