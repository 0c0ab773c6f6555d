package dev.postern.deploy.process;

import dev.postern.core.tls.ocsp.StapleStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** How stapling of OCSP responses goes: as metrics, and in words. Thread-safe. */
final class Staples {
  private final MeterRegistry registry;
  private final MultiGauge expiry;
  private final Map<String, FunctionCounter> failures = new HashMap<>();
  private volatile Supplier<Map<String, StapleStatus>> source = Map::of;

  Staples(MeterRegistry registry) {
    this.registry = registry;
    this.expiry =
        MultiGauge.builder("postern.ocsp.response.expiry")
            .description("Until when the OCSP response at hand may be used, as Unix time; or 0")
            .baseUnit("seconds")
            .register(registry);
  }

  /**
   * Takes what is in force now, after the start and after each reload.
   *
   * @param now asked at every scrape; by the certificate's name, for those that are stapled for
   */
  synchronized void inForce(Supplier<Map<String, StapleStatus>> now) {
    source = now;
    Set<String> names = Set.copyOf(now.get().keySet());
    expiry.register(
        names.stream()
            .map(name -> Row.of(tags(name), this, staples -> staples.end(name)))
            .collect(Collectors.toList()),
        true);
    failures
        .entrySet()
        .removeIf(
            known -> {
              boolean gone = !names.contains(known.getKey());
              if (gone) {
                registry.remove(known.getValue());
              }
              return gone;
            });
    names.forEach(name -> failures.computeIfAbsent(name, this::counter));
  }

  private FunctionCounter counter(String name) {
    return FunctionCounter.builder(
            "postern.ocsp.fetch.failures", this, staples -> staples.failures(name))
        .description("Times that no OCSP response that can be used was to be had")
        .tags(tags(name))
        .register(registry);
  }

  private static Tags tags(String name) {
    return Tags.of("certificate", name);
  }

  private double end(String name) {
    StapleStatus status = source.get().get(name);
    return status == null ? 0 : status.until().map(Instant::getEpochSecond).orElse(0L);
  }

  private double failures(String name) {
    StapleStatus status = source.get().get(name);
    return status == null ? 0 : status.failures();
  }

  /** Describes each; empty when nothing is stapled. */
  String detail() {
    return new TreeMap<>(source.get())
        .entrySet().stream()
            .map(e -> e.getKey() + ": " + e.getValue().detail())
            .collect(Collectors.joining(", "));
  }
}
