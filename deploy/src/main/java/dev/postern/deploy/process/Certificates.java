package dev.postern.deploy.process;

import dev.postern.core.server.CertificateState;
import dev.postern.core.tls.ServerCertificate;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The certificates in force, whether they are what the files hold, and when they expire: as
 * metrics, and in words. Thread-safe.
 */
final class Certificates {
  private final MeterRegistry registry;
  private final MultiGauge expiry;
  private final MultiGauge usable;
  private final MultiGauge successful;
  private volatile Map<String, CertificateState> states = Map.of();

  Certificates(MeterRegistry registry) {
    this.registry = registry;
    this.expiry =
        MultiGauge.builder("postern.certificate.expiry")
            .description("When a certificate expires, as Unix time")
            .baseUnit("seconds")
            .register(registry);
    this.usable =
        MultiGauge.builder("postern.certificate.usable")
            .description("1 while there is a certificate to show, 0 while there is none")
            .register(registry);
    this.successful =
        MultiGauge.builder("postern.certificate.last.reload.successful")
            .description("1 while the certificate in force is what the files hold, 0 otherwise")
            .register(registry);
  }

  /**
   * Takes what is in force since the start.
   *
   * @param now what became of each certificate, by its name in the configuration
   */
  void started(Map<String, CertificateState> now) {
    states = Map.copyOf(now);
    now.keySet().forEach(this::failures);
    expiry.register(
        now.values().stream()
            .flatMap(state -> state.usable().stream())
            .map(shown -> row(shown.name(), end(shown).getEpochSecond()))
            .toList(),
        true);
    usable.register(
        now.values().stream()
            .map(state -> row(state.name(), state.usable().isPresent() ? 1 : 0))
            .toList(),
        true);
    successful.register(
        now.values().stream()
            .map(state -> row(state.name(), state.problem().isPresent() ? 0 : 1))
            .toList(),
        true);
  }

  /** Takes what is in force since a reload, and counts the certificates that it failed for. */
  void reloaded(Map<String, CertificateState> now) {
    started(now);
    now.values().stream()
        .filter(state -> state.problem().isPresent())
        .forEach(state -> failures(state.name()).increment());
  }

  private static Row<?> row(String certificate, long value) {
    return Row.of(Tags.of("certificate", certificate), value);
  }

  private Counter failures(String certificate) {
    return Counter.builder("postern.certificate.reload.failures")
        .description("Times that a certificate could not be taken from its files at a reload")
        .tag("certificate", certificate)
        .register(registry);
  }

  private static Instant end(ServerCertificate certificate) {
    return certificate.material().chain().get(0).getNotAfter().toInstant();
  }

  String detail() {
    Map<String, CertificateState> now = new TreeMap<>(states);
    return now.isEmpty()
        ? "none"
        : now.values().stream().map(Certificates::detail).collect(Collectors.joining(", "));
  }

  private static String detail(CertificateState state) {
    return switch (state) {
      case CertificateState.Loaded loaded -> loaded.name() + " until " + end(loaded.certificate());
      case CertificateState.Kept kept ->
          "%s until %s (an earlier one stays in force: %s)"
              .formatted(kept.name(), end(kept.certificate()), kept.reason());
      case CertificateState.Unusable unusable ->
          "%s cannot be used (%s)".formatted(unusable.name(), unusable.reason());
    };
  }
}
