package dev.postern.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What the chart gives to Prometheus and Grafana. */
@ExtendWith(RenderedExtension.class)
class MonitoringTest {
  private static final Path METRICS = Path.of("..", "docs", "operators", "metrics.md");
  private static final Path RULES = Path.of("prometheus", "postern.rules.yml");
  private static final Path DASHBOARD = Path.of("grafana", "postern.json");
  private static final Pattern NAME =
      Pattern.compile("\\b(?:postern|jvm|process|system)_[a-z0-9_]+");

  @Test
  @Tag("CARD-6")
  void rulesAreThoseOfTheRepository(Renderings renderings) throws IOException {
    Manifest rule = renderings.of("service-monitor").one("PrometheusRule");
    assertThat(rule.at("/spec"))
        .isEqualTo(Manifest.MAPPER.valueToTree(Yaml.map(Files.readString(RULES))));
    assertThat(rule.at("/metadata/labels/release").asText()).isEqualTo("prometheus");
  }

  /** The operator gives each target a label of the same name. */
  @Test
  void theMailServiceIsNotTakenForTheServiceThatIsScraped(Renderings renderings) {
    assertThat(
            renderings
                .of("service-monitor")
                .one("ServiceMonitor")
                .at("/spec/endpoints/0/metricRelabelings")
                .toString())
        .isEqualTo(
            "[{\"sourceLabels\":[\"exported_service\"],\"regex\":\"(.+)\",\"targetLabel\":\"service\"},"
                + "{\"regex\":\"exported_service\",\"action\":\"labeldrop\"}]");
  }

  @Test
  void rulesTellOfWhatAnOperatorMustKnow(Renderings renderings) {
    Manifest rule = renderings.of("service-monitor").one("PrometheusRule");
    assertThat(rule.json().findValuesAsText("expr"))
        .anyMatch(expr -> expr.contains("postern_certificate_expiry_seconds"))
        .anyMatch(expr -> expr.contains("postern_certificate_usable"))
        .anyMatch(expr -> expr.contains("postern_backend_failures_total"))
        .anyMatch(expr -> expr.contains("postern_tls_failures_total"))
        .anyMatch(expr -> expr.contains("postern_config_last_reload_successful"))
        .anyMatch(expr -> expr.contains("tls_version=\"none\""));
  }

  @Test
  void dashboardIsThatOfTheRepository(Renderings renderings) throws IOException {
    Manifest dashboard =
        renderings.of("service-monitor").one("ConfigMap", "mail-postern-dashboard");
    assertThat(Manifest.MAPPER.readTree(dashboard.at("/data/postern.json").asText()))
        .isEqualTo(Manifest.MAPPER.readTree(Files.readString(DASHBOARD)));
    assertThat(dashboard.at("/metadata/labels/grafana_dashboard").asText()).isEqualTo("1");
    assertThat(dashboard.at("/metadata/annotations/grafana_folder").asText()).isEqualTo("Mail");
  }

  @Test
  void everyMetricThatIsAskedForExists(Renderings renderings) throws IOException {
    String document = Files.readString(METRICS);
    Set<String> known = new TreeSet<>();
    Pattern.compile("(?m)^\\| `([a-z_0-9]+)` \\| (\\w+) \\|")
        .matcher(document)
        .results()
        .forEach(
            row -> {
              known.add(row.group(1));
              if (Set.of("histogram", "summary").contains(row.group(2))) {
                Stream.of("_bucket", "_sum", "_count")
                    .forEach(part -> known.add(row.group(1) + part));
              }
            });
    Rendering rendering = renderings.of("service-monitor");
    List<String> asked =
        Stream.of(
                rendering.one("PrometheusRule").json().findValuesAsText("expr"),
                Manifest.MAPPER
                    .readTree(
                        rendering
                            .one("ConfigMap", "mail-postern-dashboard")
                            .at("/data/postern.json")
                            .asText())
                    .findValuesAsText("expr"),
                renderings
                    .of("autoscaling")
                    .one("HorizontalPodAutoscaler")
                    .list("/spec/metrics")
                    .stream()
                    .map(metric -> metric.at("/pods/metric/name").asText())
                    .toList())
            .flatMap(List::stream)
            .flatMap(expression -> NAME.matcher(expression).results())
            .map(match -> match.group())
            .distinct()
            .toList();
    assertThat(asked).hasSizeGreaterThan(15);
    assertThat(known).containsAll(asked);
  }

  @Test
  @Tag("CARD-6")
  void prometheusUnderstandsTheRules(Renderings renderings, @TempDir Path folder) throws Exception {
    Path promtool =
        Stream.of(System.getenv("PATH").split(":"))
            .map(directory -> Path.of(directory, "promtool"))
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    assumeTrue(promtool != null, "promtool is not installed (Debian: prometheus)");
    Path file = folder.resolve("rules.yml");
    // JSON is YAML.
    Files.writeString(
        file, renderings.of("service-monitor").one("PrometheusRule").at("/spec").toString());
    Process process =
        new ProcessBuilder(promtool.toString(), "check", "rules", file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    assertThat(said).containsPattern("SUCCESS: [1-9][0-9]* rules found");
  }

  @Test
  void monitorFindsTheServiceAndItsPort(Renderings renderings) {
    Rendering rendering = renderings.of("service-monitor");
    Manifest monitor = rendering.one("ServiceMonitor");
    Map<String, String> wanted = Manifest.strings(monitor.at("/spec/selector/matchLabels"));
    List<Manifest> found =
        rendering.all("Service").stream()
            .filter(
                service ->
                    Manifest.strings(service.at("/metadata/labels"))
                        .entrySet()
                        .containsAll(wanted.entrySet()))
            .toList();
    assertThat(found).extracting(Manifest::name).containsExactly("mail-postern-metrics");
    JsonNode endpoint = monitor.at("/spec/endpoints/0");
    assertThat(endpoint.path("path").asText()).isEqualTo("/metrics");
    assertThat(endpoint.path("interval").asText()).isEqualTo("15s");
    assertThat(found.get(0).list("/spec/ports"))
        .extracting(port -> port.path("name").asText())
        .containsExactly(endpoint.path("port").asText());
  }

  @Test
  void podMonitorFindsThePodsPort(Renderings renderings) {
    JsonNode endpoint =
        renderings.of("pod-monitor").one("PodMonitor").at("/spec/podMetricsEndpoints/0");
    assertThat(endpoint.path("port").asText()).isEqualTo("management");
    assertThat(endpoint.path("path").asText()).isEqualTo("/metrics");
  }

  @Test
  void autoscalerAimsAtTheDeployment(Renderings renderings) {
    Rendering rendering = renderings.of("autoscaling");
    Manifest autoscaler = rendering.one("HorizontalPodAutoscaler");
    assertThat(autoscaler.at("/spec/scaleTargetRef/name").asText())
        .isEqualTo(rendering.one("Deployment").name());
    assertThat(autoscaler.list("/spec/metrics"))
        .extracting(metric -> metric.path("type").asText())
        .containsExactly("Resource", "Pods");
    // Utilization is a share of what is requested.
    assertThat(
            rendering
                .one("Deployment")
                .at("/spec/template/spec/containers/0/resources/requests/cpu")
                .isMissingNode())
        .isFalse();
  }
}
