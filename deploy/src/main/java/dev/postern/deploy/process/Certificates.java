package dev.postern.deploy.process;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** When the certificates in force expire: as a metric, and in words. Thread-safe. */
final class Certificates {
  private final MultiGauge expiry;
  private volatile Map<String, Instant> ends = Map.of();

  Certificates(MeterRegistry registry) {
    this.expiry =
        MultiGauge.builder("postern.certificate.expiry")
            .description("When a certificate expires, as Unix time")
            .baseUnit("seconds")
            .register(registry);
  }

  /**
   * Takes what is in force now.
   *
   * @param now the last moment of each certificate, by its name in the configuration
   */
  void inForce(Map<String, Instant> now) {
    ends = Map.copyOf(now);
    expiry.register(
        now.entrySet().stream()
            .map(e -> Row.of(Tags.of("certificate", e.getKey()), e.getValue().getEpochSecond()))
            .collect(Collectors.toList()),
        true);
  }

  String detail() {
    return ends.isEmpty()
        ? "none"
        : new TreeMap<>(ends)
            .entrySet().stream()
                .map(e -> e.getKey() + " until " + e.getValue())
                .collect(Collectors.joining(", "));
  }
}
