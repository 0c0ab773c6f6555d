package dev.postern.core.tls;

import java.nio.file.Path;

/** How a user name is found in a client certificate (CCO-4.2). */
public sealed interface IdentityMapping {

  /** The one rfc822Name in the subjectAltName (RFC 5280 §4.2.1.6). */
  record Email() implements IdentityMapping {}

  /** The one otherName of the kind userPrincipalName (1.3.6.1.4.1.311.20.2.3). */
  record UserPrincipalName() implements IdentityMapping {}

  /** The one commonName of the subject. */
  record CommonName() implements IdentityMapping {}

  /**
   * A text file with a line for each certificate: its SHA-256 fingerprint, a blank, the user.
   *
   * @param file the file
   */
  record Fingerprints(Path file) implements IdentityMapping {}
}
