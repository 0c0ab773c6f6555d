package dev.postern.deploy.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.gate.Command;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The alert rules are about documented metrics, and each is seen to fire and to keep quiet. */
class AlertRulesTest {
  private static final String RULES = "prometheus/postern.rules.yml";

  @Test
  void askForDocumentedMetricsOnly() throws Exception {
    DocumentedMetrics metrics = new DocumentedMetrics();
    rules().forEach(rule -> metrics.assertKnown(rule.at("expr").text()));
  }

  @Test
  void sayWhatIsWrongAndHowBadItIs() throws Exception {
    Set<String> names = new HashSet<>();
    rules()
        .forEach(
            rule -> {
              String name = rule.at("alert").text();
              assertThat(name).startsWith("Postern");
              assertThat(names.add(name)).as("%s stands twice", name).isTrue();
              assertThat(rule.at("labels").keys()).containsExactly("severity");
              assertThat(rule.at("labels").at("severity").text())
                  .isIn("critical", "warning", "info");
              assertThat(rule.at("annotations").keys()).containsExactly("summary", "description");
            });
    assertThat(names).hasSizeGreaterThan(15);
  }

  @Test
  void eachIsTriedBothWays() throws Exception {
    Tree tests = Shipped.yaml("prometheus/postern.rules.test.yml");
    List<Tree> tried =
        tests.at("tests").items().stream()
            .flatMap(test -> test.at("alert_rule_test").items().stream())
            .toList();
    rules()
        .map(rule -> rule.at("alert").text())
        .forEach(
            name ->
                assertThat(tried)
                    .as(name)
                    .filteredOn(test -> test.at("alertname").text().equals(name))
                    .anyMatch(test -> test.has("exp_alerts"))
                    .anyMatch(test -> !test.has("exp_alerts")));
  }

  @Test
  void prometheusTakesThemAndTheyFireWhenTheyShould() throws Exception {
    Command.need("prometheus", "promtool", "--version");
    assertSucceeds("check", "config", Shipped.DEPLOY.resolve("prometheus/prometheus.yml"));
    assertSucceeds("test", "rules", Shipped.DEPLOY.resolve("prometheus/postern.rules.test.yml"));
  }

  private static void assertSucceeds(Object... arguments) throws Exception {
    Command done =
        Command.run(
            "",
            Stream.concat(Stream.of("promtool"), Stream.of(arguments).map(Object::toString))
                .toArray(String[]::new));
    assertThat(done.exit()).as(done.out() + done.err()).isZero();
    assertThat(done.out()).contains("SUCCESS");
  }

  private static Stream<Tree> rules() throws Exception {
    return Shipped.yaml(RULES).at("groups").items().stream()
        .flatMap(group -> group.at("rules").items().stream());
  }
}
