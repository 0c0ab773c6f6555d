package dev.postern.core.policy;

/** Why a login is denied by policy. The label is the metric tag and the audit value. */
public enum DenialReason {
  /** The channel is cleartext and must not be (CCO-4.1a). */
  TLS_REQUIRED("tls-required"),
  /** The TLS version is below what the rule demands (CCO-4.1d). */
  TLS_TOO_OLD("tls-too-old"),
  /**
   * The password was exposed in cleartext and must be changed first (CCO-4.1c). Dialogues know how
   * to say so; no rule leads to it yet.
   */
  PASSWORD_EXPOSED("password-exposed"),
  /** A rule denies this user, network or service, whatever the channel. */
  RULE("rule"),
  /** What the rules must know of the user could not be found out in time. */
  DIRECTORY_UNAVAILABLE("directory-unavailable"),
  /**
   * The credentials are for the account that the proxy itself logs in with, for users who come with
   * a certificate. No client has a right to it, nor to know that it exists.
   */
  MASTER_USER("master-user");

  private final String label;

  DenialReason(String label) {
    this.label = label;
  }

  /**
   * Says whether the client must not learn of the denial: what it hears, and how long that takes,
   * is what wrong credentials lead to.
   */
  public boolean isConcealed() {
    return this == MASTER_USER;
  }

  /** Returns the metric tag value. */
  public String label() {
    return label;
  }
}
