package dev.postern.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.AuditDestination;
import dev.postern.core.event.AuditWriter;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.MetricsSink;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.event.TlsFailure;
import dev.postern.core.policy.DenialReason;
import dev.postern.core.testkit.EventSamples;
import dev.postern.core.tls.ocsp.StapleStatus;
import dev.postern.core.wire.WireViolation;
import dev.postern.deploy.management.RuntimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The operators' document and what a scrape shows are the same: names, types and labels. */
class MetricsDocumentTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "operators", "metrics.md");
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `([a-z_0-9]+)` \\| (\\w+) \\|([^|]*)\\|[^|]+\\|$");
  private static final Pattern WORD = Pattern.compile("`([^`]+)`");
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
  private static final Pattern LABEL = Pattern.compile("[{,]([a-z_]+)=\"");

  @TempDir Path folder;

  private record Metric(String type, Set<String> labels) {}

  @Test
  void theProxysOwnMetricsAreThoseOfTheDocument() throws Exception {
    assertThat(own(documented())).isEqualTo(own(scraped()));
  }

  @Test
  void theRuntimesMetricsStandInTheDocument() throws Exception {
    Map<String, Metric> documented = documented();
    scraped()
        .forEach((name, metric) -> assertThat(documented).as(name).containsEntry(name, metric));
  }

  @Test
  void theDocumentHasNoMetricThatIsNotThere() throws Exception {
    Set<String> documented = new TreeSet<>(documented().keySet());
    documented.removeAll(scraped().keySet());
    // These come with the first collection, and with the collector.
    assertThat(documented).allMatch(name -> name.startsWith("jvm_gc_"));
  }

  @Test
  void everyReasonLimitAndOutcomeIsExplained() throws IOException {
    String text = Files.readString(DOCUMENT);
    String values = text.substring(text.indexOf("## Values of labels"));
    assertThat(
            Stream.of(
                    labels(EndReason.values(), EndReason::label),
                    labels(WireViolation.values(), WireViolation::label),
                    labels(TlsFailure.values(), TlsFailure::label),
                    labels(DenialReason.values(), DenialReason::label),
                    labels(BackendLoss.values(), BackendLoss::label),
                    labels(Limit.values(), Limit::label),
                    labels(LoginOutcome.values(), LoginOutcome::label))
                .toList())
        .allSatisfy(row -> assertThat(values).contains("| " + row + " |"));
  }

  private static <E> String labels(E[] all, Function<E, String> label) {
    return Arrays.stream(all).map(label).collect(Collectors.joining("` `", "`", "`"));
  }

  private static Map<String, Metric> own(Map<String, Metric> metrics) {
    Map<String, Metric> own = new TreeMap<>(metrics);
    own.keySet().removeIf(name -> !name.startsWith("postern_"));
    return own;
  }

  private static Map<String, Metric> documented() throws IOException {
    Map<String, Metric> metrics = new TreeMap<>();
    ROW.matcher(Files.readString(DOCUMENT))
        .results()
        .forEach(
            row -> {
              Set<String> labels = new TreeSet<>();
              WORD.matcher(row.group(3)).results().forEach(label -> labels.add(label.group(1)));
              assertThat(metrics.put(row.group(1), new Metric(row.group(2), labels)))
                  .as("%s stands twice", row.group(1))
                  .isNull();
            });
    return metrics;
  }

  private Map<String, Metric> scraped() throws Exception {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    registry.throwExceptionOnRegistrationFailure();
    try (RuntimeMetrics runtime = new RuntimeMetrics("0", ByteBufAllocator.DEFAULT);
        AuditWriter audit =
            AuditWriter.start(
                new AuditDestination.ToStream(OutputStream.nullOutputStream()),
                InstantSource.system(),
                1)) {
      runtime.bindTo(registry);
      audit.bindTo(registry);
      new Reloads(registry);
      new Certificates(registry).started(Map.of("x", CertificatesTest.loaded("x")));
      Staples staples = new Staples(registry);
      staples.inForce(() -> Map.of("x", new StapleStatus(Optional.empty(), 0, "")));
      new ClientAuthorities(registry)
          .inForce(
              Map.of(
                  "x",
                  ClientAuthoritiesTest.checkedUntil(
                      folder, Instant.now(), new AtomicReference<>(Instant.now()))));
      MetricsSink sink = new MetricsSink(registry);
      for (SessionEvent event : EventSamples.all("x")) {
        sink.accept(EventSamples.context(Optional.of(EventSamples.TLS)), event);
      }
      return parse(registry.scrape());
    }
  }

  private static Map<String, Metric> parse(String scrape) {
    Map<String, Metric> metrics = new TreeMap<>();
    Matcher type = TYPE.matcher(scrape);
    while (type.find()) {
      int end = scrape.indexOf("# HELP", type.end());
      String samples = scrape.substring(type.end(), end < 0 ? scrape.length() : end);
      Set<String> labels = new TreeSet<>();
      LABEL.matcher(samples).results().forEach(label -> labels.add(label.group(1)));
      labels.remove("le");
      metrics.put(type.group(1), new Metric(type.group(2), labels));
    }
    return metrics;
  }
}
