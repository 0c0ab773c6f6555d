package dev.postern.core.tls;

import java.util.List;
import java.util.Optional;

/**
 * A client certificate whose key the client has proved to hold and that the listener's authorities
 * vouch for; an unverified one never gets this far.
 *
 * @param subject distinguished name (RFC 4514), control characters escaped
 * @param alternativeNames subjectAltName entries, each with its kind: {@code
 *     email:alice@example.org}
 * @param sha256 fingerprint of the whole certificate: 64 hexadecimal digits in lower case
 * @param identity the user it stands for by the listener's mapping; empty when no rule maps it
 */
public record ClientCertificate(
    String subject, List<String> alternativeNames, String sha256, Optional<String> identity) {
  public ClientCertificate {
    alternativeNames = List.copyOf(alternativeNames);
  }
}
