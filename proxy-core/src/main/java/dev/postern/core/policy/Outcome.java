package dev.postern.core.policy;

/** What a rule says of the logins that it matches. The label is the word used in configuration. */
public enum Outcome {
  /** They may go on. */
  ALLOW("allow"),
  /** They may go on, and are reported. */
  WARN("warn"),
  /** They are refused. */
  DENY("deny");

  private final String label;

  Outcome(String label) {
    this.label = label;
  }

  /** Returns the word used in configuration. */
  public String label() {
    return label;
  }
}
