package dev.postern.core.policy;

/**
 * What becomes of a message with a CR or LF of its own (RFC 5321 §2.3.8). The label is the word
 * used in configuration.
 */
public enum BareNewlines {
  /** It is refused. */
  REJECT("reject"),
  /** Each becomes CRLF, and none of them ever ends the message. For old devices. */
  NORMALIZE("normalize");

  private final String label;

  BareNewlines(String label) {
    this.label = label;
  }

  /** Returns the word used in configuration. */
  public String label() {
    return label;
  }
}
