package dev.postern.core.tls;

import java.util.Optional;

/**
 * What is known of a connection's TLS after the handshake.
 *
 * @param version negotiated version
 * @param cipherSuite name in the IANA registry, or {@code 0x} and four hexadecimal digits (CCO-4.3)
 * @param group key-exchange group in IANA spelling ({@code X25519MLKEM768}, {@code secp256r1});
 *     empty for RSA key exchange or when the engine does not tell
 * @param serverName the SNI that the client sent
 * @param alpn the protocol that was agreed on
 * @param resumed whether an earlier session was resumed
 * @param mode how TLS began
 * @param clientCertificate the certificate that the client proved to hold; empty where none was
 *     asked for, or none came
 */
public record TlsFacts(
    TlsVersion version,
    String cipherSuite,
    Optional<String> group,
    Optional<String> serverName,
    Optional<String> alpn,
    boolean resumed,
    TlsMode mode,
    Optional<ClientCertificate> clientCertificate) {

  /** Facts of a connection without a client certificate. */
  public TlsFacts(
      TlsVersion version,
      String cipherSuite,
      Optional<String> group,
      Optional<String> serverName,
      Optional<String> alpn,
      boolean resumed,
      TlsMode mode) {
    this(version, cipherSuite, group, serverName, alpn, resumed, mode, Optional.empty());
  }

  /** Returns the user that the client's certificate stands for. */
  public Optional<String> identity() {
    return clientCertificate.flatMap(ClientCertificate::identity);
  }
}
