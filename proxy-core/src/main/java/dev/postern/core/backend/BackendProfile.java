package dev.postern.core.backend;

import java.util.Arrays;
import java.util.Optional;

/** The kind of server behind the proxy; picks how it is told who the client is. */
public enum BackendProfile {
  /** Dovecot 2.3: IMAP ID, POP3 XCLIENT, submission XCLIENT. */
  DOVECOT_2_3("dovecot-2.3"),
  /** Dovecot 2.4: as 2.3, with the client's transport and the connected name. */
  DOVECOT_2_4("dovecot-2.4"),
  /** Postfix: XCLIENT with the attributes it advertises. */
  POSTFIX("postfix"),
  /** Any server: it is told nothing. */
  PLAIN("plain");

  private final String label;

  BackendProfile(String label) {
    this.label = label;
  }

  /** Returns the name used in configuration. */
  public String label() {
    return label;
  }

  /** Finds a profile by the name used in configuration. */
  public static Optional<BackendProfile> of(String label) {
    return Arrays.stream(values()).filter(p -> p.label.equals(label)).findFirst();
  }
}
