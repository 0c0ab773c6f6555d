package dev.postern.core.policy;

/** What policy says of one login. Every decision names the rule it came from. */
public sealed interface Decision {

  /**
   * Returns the name of the rule that decided; {@code default} when none of the configuration did.
   */
  String rule();

  /**
   * The login may go to the backend.
   *
   * @param rule name of the rule
   * @param bareNewlines what becomes of messages with a CR or LF of its own
   */
  record Allow(String rule, BareNewlines bareNewlines) implements Decision {
    /** Leaves messages to the standard. */
    public Allow(String rule) {
      this(rule, BareNewlines.REJECT);
    }
  }

  /**
   * The login may go to the backend, and operators should know that it would be denied by a
   * stricter rule.
   *
   * @param rule name of the rule
   * @param reason why it would be denied
   * @param bareNewlines what becomes of messages with a CR or LF of its own
   */
  record Warn(String rule, DenialReason reason, BareNewlines bareNewlines) implements Decision {
    /** Leaves messages to the standard. */
    public Warn(String rule, DenialReason reason) {
      this(rule, reason, BareNewlines.REJECT);
    }
  }

  /**
   * The login is refused; no backend is asked.
   *
   * @param rule name of the rule
   * @param reason why
   */
  record Deny(String rule, DenialReason reason) implements Decision {}

  /** Says whether the login may go on. */
  default boolean permits() {
    return !(this instanceof Deny);
  }
}
