package dev.postern.core.tls;

import java.util.List;
import java.util.Optional;

/**
 * What a client offered in its first message (RFC 8446 §4.1.2), as far as anybody here asks.
 *
 * @param versions the versions it offered that are known here, newest first; {@code
 *     supported_versions} where it was sent, else the one version and everything below
 * @param cipherSuites code points, in its order
 * @param signatureSchemes code points of {@code signature_algorithms}; empty when it sent none
 * @param namedGroups code points of {@code supported_groups}; empty when it sent none
 * @param serverName the SNI in lower case; empty when there was none, or one that is no host name
 * @param alpn protocols it asked for, in its order, an octet a character; empty when it sent none
 * @param statusRequest whether it asked for an OCSP response (RFC 6066 §8)
 */
public record ClientHello(
    List<TlsVersion> versions,
    List<Integer> cipherSuites,
    List<Integer> signatureSchemes,
    List<Integer> namedGroups,
    Optional<String> serverName,
    List<String> alpn,
    boolean statusRequest) {
  public ClientHello {
    versions = List.copyOf(versions);
    cipherSuites = List.copyOf(cipherSuites);
    signatureSchemes = List.copyOf(signatureSchemes);
    namedGroups = List.copyOf(namedGroups);
    alpn = List.copyOf(alpn);
  }
}
