package dev.postern.core.tls;

import java.util.Arrays;
import java.util.Optional;

/** A key-exchange group that the native engine has (RFC 8446 §4.2.7), most preferred first. */
public enum NamedGroup {
  /**
   * Hybrid of X25519 and ML-KEM-768, safe against recorded traffic and a later quantum computer.
   */
  X25519MLKEM768("X25519MLKEM768", "X25519MLKEM768"),
  /** RFC 7748. */
  X25519("x25519", "X25519"),
  /** NIST P-256. */
  SECP256R1("secp256r1", "P-256"),
  /** NIST P-384. */
  SECP384R1("secp384r1", "P-384"),
  /** NIST P-521. */
  SECP521R1("secp521r1", "P-521");

  private final String label;
  private final String engineName;

  NamedGroup(String label, String engineName) {
    this.label = label;
    this.engineName = engineName;
  }

  /** Returns the name in the IANA registry; it is the form used in configuration and in traces. */
  public String label() {
    return label;
  }

  /** Returns the name that BoringSSL uses. */
  String engineName() {
    return engineName;
  }

  /**
   * Finds a group by a name that people use, capitals or not: the IANA registry's, that of the
   * curve as NIST has it ({@code P-256}), or OpenSSL's ({@code prime256v1}).
   */
  public static Optional<NamedGroup> ofName(String name) {
    String known = name.equalsIgnoreCase("prime256v1") ? SECP256R1.label : name;
    return Arrays.stream(values())
        .filter(g -> g.label.equalsIgnoreCase(known) || g.engineName.equalsIgnoreCase(known))
        .findFirst();
  }

  /** Finds a group by the name that BoringSSL uses. */
  static Optional<NamedGroup> ofEngineName(String name) {
    return Arrays.stream(values()).filter(g -> g.engineName.equals(name)).findFirst();
  }
}
