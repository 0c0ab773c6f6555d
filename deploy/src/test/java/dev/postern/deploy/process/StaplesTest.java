package dev.postern.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.ocsp.StapleStatus;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

class StaplesTest {
  private static final StapleStatus NONE =
      new StapleStatus(Optional.empty(), 0, "nothing stapled: has not been fetched yet");
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Staples staples = new Staples(registry);

  @Test
  void showsHowItGoesNow() {
    Map<String, StapleStatus> status = new ConcurrentHashMap<>(Map.of("main", NONE));
    staples.inForce(() -> status);
    assertThat(registry.scrape())
        .contains("postern_ocsp_response_expiry_seconds{certificate=\"main\"} 0.0")
        .contains("postern_ocsp_fetch_failures_total{certificate=\"main\"} 0.0");
    status.put(
        "main", new StapleStatus(Optional.of(Instant.ofEpochSecond(1_800_000_000)), 3, "stapled"));
    assertThat(registry.scrape())
        .contains("postern_ocsp_response_expiry_seconds{certificate=\"main\"} 1.8E9")
        .contains("postern_ocsp_fetch_failures_total{certificate=\"main\"} 3.0");
    assertThat(staples.detail()).isEqualTo("main: stapled");
  }

  @Test
  void showsOnlyWhatIsInForce() {
    staples.inForce(() -> Map.of("old", NONE));
    staples.inForce(() -> Map.of("new", NONE));
    assertThat(registry.scrape())
        .doesNotContain("\"old\"")
        .contains("postern_ocsp_fetch_failures_total{certificate=\"new\"}");
    staples.inForce(Map::of);
    assertThat(registry.scrape()).doesNotContain("\"new\"");
    assertThat(staples.detail()).isEmpty();
  }
}
