package dev.postern.core.server;

import dev.postern.core.config.CertificateSettings;
import dev.postern.core.config.StaplingSettings;
import dev.postern.core.tls.CertificateNames;
import dev.postern.core.tls.CertificateReader;
import dev.postern.core.tls.KeyMaterial;
import dev.postern.core.tls.ServerCertificate;
import dev.postern.core.tls.Staple;
import dev.postern.core.tls.ocsp.Stapling;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads certificates for a new configuration. Files that are broken never take away a certificate
 * that works: the one in force is kept instead, and so it is when the new one has expired already
 * or is not valid yet. Holds nothing itself, so that a configuration that is refused leaves no
 * trace.
 */
final class CertificateStore {
  private final InstantSource clock;
  private final Stapling stapling;

  CertificateStore(InstantSource clock, Stapling stapling) {
    this.clock = clock;
    this.stapling = stapling;
  }

  /**
   * Reads all certificates of a configuration.
   *
   * @param inForce what came of it the last time, by name; empty at the start
   * @return by name, in the order of the configuration
   */
  Map<String, CertificateState> read(
      List<CertificateSettings> certificates, Map<String, CertificateState> inForce) {
    Map<String, CertificateState> states = new LinkedHashMap<>();
    for (CertificateSettings settings : certificates) {
      states.put(settings.name(), read(settings, inForce.get(settings.name())));
    }
    return states;
  }

  private CertificateState read(CertificateSettings settings, @Nullable CertificateState before) {
    Optional<KeyMaterial> earlier =
        before == null ? Optional.empty() : before.usable().map(ServerCertificate::material);
    KeyMaterial material;
    try {
      material = CertificateReader.read(settings.files());
    } catch (CertificateException e) {
      String reason = String.valueOf(e.getMessage());
      return earlier
          .<CertificateState>map(
              kept -> new CertificateState.Kept(certificate(settings, kept), reason))
          .orElseGet(() -> new CertificateState.Unusable(settings.name(), reason));
    }
    if (earlier.isPresent() && hasExpired(material) && !hasExpired(earlier.get())) {
      return new CertificateState.Kept(
          certificate(settings, earlier.get()),
          "%s expired on %s, and the certificate in force has not: renew it"
              .formatted(settings.files().paths().get(0), end(material)));
    }
    if (earlier.isPresent() && !hasBegun(material) && isValid(earlier.get())) {
      return new CertificateState.Kept(
          certificate(settings, earlier.get()),
          "%s is not valid before %s, and the certificate in force is valid now: it is taken then"
              .formatted(settings.files().paths().get(0), begin(material)),
          Optional.of(begin(material)));
    }
    return new CertificateState.Loaded(certificate(settings, material));
  }

  private ServerCertificate certificate(CertificateSettings settings, KeyMaterial material) {
    return new ServerCertificate(
        settings.name(),
        settings.serverNames().isEmpty()
            ? CertificateNames.of(material.chain().get(0))
            : settings.serverNames(),
        material,
        staple(settings, material));
  }

  private Staple staple(CertificateSettings certificate, KeyMaterial material) {
    return switch (certificate.stapling()) {
      case StaplingSettings.Off off -> Staple.NONE;
      case StaplingSettings.Fetched fetched ->
          stapling.of(certificate.name(), material, Optional.empty());
      case StaplingSettings.File(Path response) ->
          stapling.of(certificate.name(), material, Optional.of(response));
    };
  }

  private boolean isValid(KeyMaterial material) {
    return hasBegun(material) && !hasExpired(material);
  }

  private boolean hasBegun(KeyMaterial material) {
    return !begin(material).isAfter(clock.instant());
  }

  private static Instant begin(KeyMaterial material) {
    return material.chain().get(0).getNotBefore().toInstant();
  }

  private boolean hasExpired(KeyMaterial material) {
    return end(material).isBefore(clock.instant());
  }

  private static Instant end(KeyMaterial material) {
    return material.chain().get(0).getNotAfter().toInstant();
  }
}
