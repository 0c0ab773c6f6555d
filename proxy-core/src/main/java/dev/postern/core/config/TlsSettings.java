package dev.postern.core.config;

import dev.postern.core.tls.NamedGroup;
import dev.postern.core.tls.TlsProfile;
import dev.postern.core.tls.TlsVersion;
import java.util.List;
import java.util.Optional;

/**
 * TLS towards clients, on one listener.
 *
 * @param minimum oldest version with which the handshake is completed
 * @param maximum newest version
 * @param cipherSuites suites of TLS 1.2 and older by their IANA names, most preferred first
 * @param groups key-exchange groups, most preferred first
 * @param strictServerNames whether a client that asks for a name no certificate is for is refused
 * @param withoutCertificate whether the listener may exist without a usable certificate: then
 *     implicit TLS is closed until there is one
 * @param clients which client certificates are asked for; empty for none
 */
public record TlsSettings(
    TlsVersion minimum,
    TlsVersion maximum,
    List<String> cipherSuites,
    List<NamedGroup> groups,
    boolean strictServerNames,
    boolean withoutCertificate,
    Optional<ClientCertificateSettings> clients) {

  /** The settings of a configuration that says nothing. */
  public static final TlsSettings DEFAULT =
      new TlsSettings(
          TlsProfile.INTERMEDIATE.minimum(),
          TlsVersion.TLS_1_3,
          TlsProfile.INTERMEDIATE.cipherSuites(),
          List.of(
              NamedGroup.X25519MLKEM768,
              NamedGroup.X25519,
              NamedGroup.SECP256R1,
              NamedGroup.SECP384R1),
          false,
          false,
          Optional.empty());

  public TlsSettings {
    cipherSuites = List.copyOf(cipherSuites);
    groups = List.copyOf(groups);
  }

  /** Returns the same with the versions and suites of a profile. */
  TlsSettings with(TlsProfile profile) {
    return new TlsSettings(
        profile.minimum(),
        TlsVersion.TLS_1_3,
        profile.cipherSuites(),
        groups,
        strictServerNames,
        withoutCertificate,
        clients);
  }
}
