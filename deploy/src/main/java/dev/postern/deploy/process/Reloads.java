package dev.postern.deploy.process;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/**
 * How reloading went: as metrics, and in words for people who look at the readiness. Thread-safe.
 */
final class Reloads {
  private final Counter applied;
  private final Counter refused;
  private volatile String refusal = "";

  Reloads(MeterRegistry registry) {
    this.applied = counter(registry, "applied");
    this.refused = counter(registry, "refused");
    Gauge.builder("postern.config.last.reload.successful", () -> refusal.isEmpty() ? 1 : 0)
        .description(
            "1 while the configuration in force is what the files say, 0 when they were refused")
        .register(registry);
  }

  private static Counter counter(MeterRegistry registry, String outcome) {
    return Counter.builder("postern.config.reloads")
        .description("Times that configuration and certificates were read anew")
        .tag("outcome", outcome)
        .register(registry);
  }

  void applied() {
    refusal = "";
    applied.increment();
  }

  /**
   * Notes that the files were refused.
   *
   * @param problem the first that was wrong
   */
  void refused(String problem) {
    refusal = problem;
    refused.increment();
  }

  /** Describes the configuration in force. */
  String detail() {
    String now = refusal;
    return now.isEmpty()
        ? "in force as the files say"
        : "an earlier one stays in force, the files were refused: " + now;
  }
}
