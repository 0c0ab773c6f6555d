package dev.postern.deploy.process;

import dev.postern.core.tls.ClientTrust;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How long client certificates can be checked, and what keeps them out already: as a metric, and in
 * words. A revocation list ends without anybody touching a file. Thread-safe.
 */
final class ClientAuthorities {
  private final MultiGauge expiry;
  private volatile Map<String, ClientTrust> clients = Map.of();

  ClientAuthorities(MeterRegistry registry) {
    this.expiry =
        MultiGauge.builder("postern.client.crl.expiry")
            .description("Until when every known issuer of clients has a current CRL, as Unix time")
            .baseUnit("seconds")
            .register(registry);
  }

  /**
   * Takes what is in force now, after the start and after each reload.
   *
   * @param now by the listener's name, for those that ask for client certificates
   */
  void inForce(Map<String, ClientTrust> now) {
    clients = Map.copyOf(now);
    List<Row<?>> rows = new ArrayList<>();
    now.forEach(
        (listener, trust) ->
            trust
                .revocationsEnd()
                .map(Instant::getEpochSecond)
                .ifPresent(end -> rows.add(Row.of(Tags.of("listener", listener), end))));
    expiry.register(rows, true);
  }

  /** Describes each that has an end or a doubt; empty when there is none. */
  String detail() {
    return new TreeMap<>(clients)
        .entrySet().stream()
            .flatMap(e -> detail(e.getValue()).map(text -> e.getKey() + " " + text).stream())
            .collect(Collectors.joining(", "));
  }

  private static Optional<String> detail(ClientTrust trust) {
    List<String> doubts = trust.doubts();
    return doubts.isEmpty()
        ? trust.revocationsEnd().map(end -> "until " + end)
        : Optional.of("(" + String.join("; ", doubts) + ")");
  }
}
