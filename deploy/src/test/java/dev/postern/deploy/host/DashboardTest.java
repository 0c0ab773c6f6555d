package dev.postern.deploy.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.postern.deploy.gate.Command;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard shows what is measured, in places that do not overlap. */
class DashboardTest {
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
  private static final int COLUMNS = 24;

  @TempDir Path folder;
  private JsonNode dashboard;

  @BeforeEach
  void read() throws Exception {
    dashboard = JSON.readTree(Shipped.text("grafana/postern.json"));
  }

  @Test
  void asksForDocumentedMetricsOnly() throws Exception {
    DocumentedMetrics metrics = new DocumentedMetrics();
    List<String> expressions = expressions();
    assertThat(expressions).hasSizeGreaterThan(40);
    expressions.forEach(metrics::assertKnown);
  }

  @Test
  void prometheusUnderstandsEachExpression() throws Exception {
    Command.need("prometheus", "promtool", "--version");
    ArrayNode rules = JSON.createArrayNode();
    for (String expression : expressions()) {
      rules
          .addObject()
          .put("record", "panel")
          .put("expr", expression.replaceAll("\\$__(rate_interval|range)", "5m"))
          // rules of one name must differ
          .putObject("labels")
          .put("number", Integer.toString(rules.size()));
    }
    ObjectNode file = JSON.createObjectNode();
    file.putArray("groups").addObject().put("name", "dashboard").set("rules", rules);
    Path written = folder.resolve("rules.json");
    JSON.writeValue(written.toFile(), file);
    Command checked = Command.run("", "promtool", "check", "rules", written.toString());
    assertThat(checked.exit()).as(checked.out() + checked.err()).isZero();
    assertThat(checked.out()).contains(rules.size() + " rules found");
  }

  @Test
  void looksAtTheChosenInstancesOnly() {
    assertThat(expressions())
        .allSatisfy(
            expression ->
                assertThat(expression.split("[a-z]\\{", -1))
                    .as(expression)
                    .hasSameSizeAs(
                        expression.split("\\{job=~\"\\$job\", instance=~\"\\$instance\"", -1)));
  }

  @Test
  void showsEachOfTheProxysOwnConcerns() {
    String all = String.join("\n", expressions());
    assertThat(all)
        .contains("postern_sessions_active", "postern_logins_total", "postern_login_denials_total")
        .contains("tls_version=\"none\"", "cipher_suite", "postern_tls_groups_total")
        .contains("postern_tls_failures_total", "postern_backend_connect_seconds_bucket")
        .contains("postern_backend_failures_total", "postern_submissions_total")
        .contains("postern_certificate_expiry_seconds", "postern_client_bytes_total")
        .contains("jvm_memory_used_bytes", "postern_audit_dropped_total");
  }

  @Test
  void panelsHaveNumbersTitlesAndPlacesOfTheirOwn() {
    Set<Integer> numbers = new HashSet<>();
    Set<String> titles = new HashSet<>();
    Set<List<Integer>> taken = new HashSet<>();
    for (JsonNode panel : dashboard.get("panels")) {
      String title = panel.get("title").textValue();
      assertThat(numbers.add(panel.get("id").intValue())).as(title).isTrue();
      assertThat(titles.add(title)).as(title).isTrue();
      JsonNode place = panel.get("gridPos");
      int x = place.get("x").intValue();
      int y = place.get("y").intValue();
      assertThat(x + place.get("w").intValue()).as(title).isLessThanOrEqualTo(COLUMNS);
      for (int column : IntStream.range(x, x + place.get("w").intValue()).toArray()) {
        for (int row : IntStream.range(y, y + place.get("h").intValue()).toArray()) {
          assertThat(taken.add(List.of(column, row))).as("the place of %s", title).isTrue();
        }
      }
    }
  }

  @Test
  void takesItsDataFromWhicheverPrometheusIsChosen() {
    assertThat(dashboard.findValues("datasource"))
        .filteredOn(JsonNode::isObject)
        .isNotEmpty()
        .allSatisfy(source -> assertThat(source.get("uid").textValue()).isEqualTo("${datasource}"));
    assertThat(dashboard.at("/templating/list/0/name").textValue()).isEqualTo("datasource");
    assertThat(dashboard.get("uid").textValue()).isEqualTo("postern");
  }

  private List<String> expressions() {
    List<String> expressions = new ArrayList<>();
    dashboard.findValues("expr").forEach(expression -> expressions.add(expression.textValue()));
    return expressions;
  }
}
