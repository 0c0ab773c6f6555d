package dev.postern.core.config;

import dev.postern.core.tls.CertificateFiles;
import java.util.List;

/**
 * A certificate and its key.
 *
 * @param name what listeners call it
 * @param serverNames names that clients ask for to be shown it; empty: those in the certificate
 * @param files where it is kept
 * @param stapling where its OCSP response comes from
 */
public record CertificateSettings(
    String name, List<String> serverNames, CertificateFiles files, StaplingSettings stapling) {
  public CertificateSettings {
    serverNames = List.copyOf(serverNames);
  }
}
