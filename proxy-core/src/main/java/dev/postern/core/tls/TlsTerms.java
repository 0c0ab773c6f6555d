package dev.postern.core.tls;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * On what terms a listener does TLS.
 *
 * @param versions versions with which a handshake is completed
 * @param cipherSuites suites of TLS 1.2 and older by their IANA names, most preferred first; those
 *     of TLS 1.3 are always all offered
 * @param groups key-exchange groups, most preferred first
 * @param alpn protocols that clients may ask for by ALPN (RFC 7301); who asks for none is served,
 *     who asks only for others is refused
 * @param strictServerNames whether a client that asks for a name no certificate is for is refused
 * @param tickets whether sessions can be resumed
 * @param clients whose client certificates are accepted; empty to ask for none
 * @param handshakeDeadline time for one handshake
 */
public record TlsTerms(
    List<TlsVersion> versions,
    List<String> cipherSuites,
    List<NamedGroup> groups,
    List<String> alpn,
    boolean strictServerNames,
    boolean tickets,
    Optional<ClientTrust> clients,
    Duration handshakeDeadline) {
  public TlsTerms {
    versions = List.copyOf(versions);
    cipherSuites = List.copyOf(cipherSuites);
    groups = List.copyOf(groups);
    alpn = List.copyOf(alpn);
  }
}
