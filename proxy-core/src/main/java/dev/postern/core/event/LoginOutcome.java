package dev.postern.core.event;

/** How a login attempt ended. The label is the metric tag and the audit value. */
public enum LoginOutcome {
  /** The backend accepted it. */
  SUCCESS("success"),
  /** The backend refused the credentials. */
  REFUSED("refused"),
  /** Policy denied it; the backend was not asked. */
  DENIED("denied"),
  /** The client cancelled, or its SASL exchange was malformed. */
  CANCELLED("cancelled"),
  /** The backend could not be reached, or failed while it was asked. */
  UNAVAILABLE("unavailable");

  private final String label;

  LoginOutcome(String label) {
    this.label = label;
  }

  /** Returns the metric tag value. */
  public String label() {
    return label;
  }
}
