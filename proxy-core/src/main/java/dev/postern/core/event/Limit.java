package dev.postern.core.event;

/**
 * A limit of the configuration that can be reached. The label is the metric tag and the audit
 * value.
 */
public enum Limit {
  /** Length of a line before login. */
  LINE_LENGTH("line-length"),
  /** Size of a literal before login. */
  LITERAL_SIZE("literal-size"),
  /** Number of literals before login. */
  LITERAL_COUNT("literal-count"),
  /** Octets before login, in all. */
  PRE_LOGIN_OCTETS("pre-login-octets"),
  /** Bad commands. */
  BAD_COMMANDS("bad-commands"),
  /** Time for the TLS handshake. */
  HANDSHAKE_DEADLINE("handshake-deadline"),
  /** Time until login. */
  LOGIN_DEADLINE("login-deadline"),
  /** Time without traffic after login; in submission, time that the client may take. */
  IDLE_TIMEOUT("idle-timeout"),
  /** Time that a backend may take to answer a command, in submission. */
  REPLY_DEADLINE("reply-deadline"),
  /** Time that a backend may take to answer a whole message. */
  VERDICT_DEADLINE("verdict-deadline"),
  /** Connections in all. */
  CONNECTIONS("connections"),
  /** Connections of one address. */
  CONNECTIONS_PER_ADDRESS("connections-per-address"),
  /** TLS handshakes in progress of one address. */
  HANDSHAKES_PER_ADDRESS("handshakes-per-address"),
  /** Recipients of one message. */
  RECIPIENTS("recipients"),
  /** Messages of one session. */
  MESSAGES("messages"),
  /** Size of a message. */
  MESSAGE_SIZE("message-size");

  private final String label;

  Limit(String label) {
    this.label = label;
  }

  /** Returns the metric tag value. */
  public String label() {
    return label;
  }
}
