package dev.postern.core.wire;

/**
 * What a peer did that no protocol allows. A violation is a value, not an exception: it is expected
 * input. The label is the metric tag and the audit value.
 */
public enum WireViolation {
  /** A CR that no LF follows (RFC 5321 §2.3.8). */
  BARE_CR("bare-cr"),
  /** A LF that no CR precedes (RFC 5321 §2.3.8). */
  BARE_LF("bare-lf"),
  /** A NUL octet where only text may stand. */
  NUL("nul"),
  /** A line longer than the limit in force. */
  LINE_TOO_LONG("line-too-long"),
  /** A literal longer than the limit in force, or one too many of them. */
  LITERAL_TOO_LARGE("literal-too-large"),
  /** Octets behind STARTTLS, before the TLS handshake (command injection, CVE-2011-0411). */
  PLAINTEXT_BEHIND_STARTTLS("plaintext-behind-starttls"),
  /** More octets before login than the limit in force. */
  TOO_MANY_OCTETS("too-many-octets"),
  /** Something that belongs to another protocol: an HTTP request line, say. */
  FOREIGN_PROTOCOL("foreign-protocol"),
  /** A response or command that could not be followed; going on would lose the framing. */
  MALFORMED("malformed");

  private final String label;

  WireViolation(String label) {
    this.label = label;
  }

  /** Returns the metric tag value: lower case, words joined by hyphens. */
  public String label() {
    return label;
  }
}
