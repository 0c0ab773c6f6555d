package dev.postern.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postern.core.config.ConfigurationReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Values that the chart cannot use are refused, with what to do instead. */
@ExtendWith(RenderedExtension.class)
class ValuesTest {

  @Test
  @Tag("CARD-6")
  void wrongValuesAreRefusedAndSaidWhy(Renderings renderings) throws IOException {
    List<Path> files = Chart.values("refused");
    assertThat(files).hasSizeGreaterThan(15);
    for (Path file : files) {
      String first = Files.readAllLines(file).get(0);
      assertThat(first).as("%s", file).startsWith("# expected: ");
      String name = file.getFileName().toString().replace(".yaml", "");
      assertThat(renderings.of(name).refused().orElse("nothing was refused"))
          .as(name)
          .contains(first.substring("# expected: ".length()));
    }
  }

  @Test
  void oldClustersAreRefused(@TempDir Path folder) throws IOException {
    List<Path> least =
        Chart.values("").stream().filter(file -> file.endsWith("least.yaml")).toList();
    Map<String, Rendering> renderings = Chart.here().render(folder, "1.29.9", least, Map.of());
    assertThat(renderings.get("least").refused().orElse("nothing was refused"))
        .contains("incompatible with Kubernetes v1.29.9");
  }

  /** Whatever can stand in postern.yaml can be given as values, and nothing else can. */
  @Test
  void schemaKnowsTheKeysOfTheConfiguration() throws IOException {
    JsonNode schema = schema();
    JsonNode definitions = schema.path("definitions");
    Set<String> keys = new TreeSet<>();
    keys("", definitions.path("configuration"), definitions, keys);
    // The chart makes these of values of its own.
    JsonNode listener = definitions.at("/listener/properties/config");
    keys("listeners[].", listener, definitions, keys);
    keys.addAll(
        List.of(
            "listeners",
            "listeners[].service",
            "listeners[].address",
            "listeners[].name",
            "management",
            "management.address"));
    // The same keys by the same paths, as in the reader.
    keys.removeIf(key -> key.startsWith("listeners[].tls."));
    assertThat(keys).containsExactlyInAnyOrderElementsOf(ConfigurationReader.keys());
  }

  @Test
  void listenersHaveTheirOwnTls() throws IOException {
    JsonNode definitions = schema().path("definitions");
    Set<String> all = names(definitions.at("/configuration/properties/tls/properties"));
    Set<String> own =
        names(definitions.at("/listener/properties/config/properties/tls/properties"));
    all.removeAll(List.of("tickets", "ticket-rotation"));
    assertThat(own).isEqualTo(all);
  }

  @Test
  void noObjectOfTheChartsOwnTakesAnyKey() throws IOException {
    List<String> open = new ArrayList<>();
    open("", schema(), open);
    // What is passed on as it is: Kubernetes knows its keys.
    assertThat(open)
        .allMatch(
            path ->
                path.matches(
                    "/properties/(global|podSecurityContext|securityContext|affinity)"
                        + "|/properties/(topologySpreadConstraints|tolerations|extra[A-Z]\\w+)/items"
                        + "|/properties/resources/properties/claims/items"
                        + "|/properties/networkPolicy/properties/(backends|extra[A-Z]\\w+)/items"
                        + "|/definitions/peer/properties/(namespaceSelector|podSelector)"));
  }

  private static JsonNode schema() throws IOException {
    return Manifest.MAPPER.readTree(
        Files.readString(Chart.here().path().resolve("values.schema.json")));
  }

  private static void keys(String prefix, JsonNode object, JsonNode definitions, Set<String> into) {
    object
        .path("properties")
        .properties()
        .forEach(
            entry -> {
              String path = prefix + entry.getKey();
              into.add(path);
              below(path, entry.getValue(), definitions, into);
            });
  }

  private static void below(String path, JsonNode value, JsonNode definitions, Set<String> into) {
    if (value.has("$ref")) {
      String name = value.get("$ref").asText().replace("#/definitions/", "");
      if (name.equals("backends")) {
        keys("backends.<protocol>.", definitions.path("backend"), definitions, into);
      } else {
        below(path, definitions.path(name), definitions, into);
      }
    } else if (value.has("properties")) {
      keys(path + ".", value, definitions, into);
    } else if (value.has("items")) {
      below(path + "[]", value.get("items"), definitions, into);
    } else {
      value.path("anyOf").forEach(one -> below(path, one, definitions, into));
    }
  }

  private static Set<String> names(JsonNode properties) {
    Set<String> names = new TreeSet<>();
    properties.fieldNames().forEachRemaining(names::add);
    assertThat(names).isNotEmpty();
    return names;
  }

  private static void open(String path, JsonNode node, List<String> into) {
    JsonNode type = node.path("type");
    if (type.asText().equals("object") && !node.has("additionalProperties")) {
      into.add(path);
    }
    if (node.isObject()) {
      node.properties().forEach(entry -> open(path + "/" + entry.getKey(), entry.getValue(), into));
    } else if (node.isArray()) {
      node.forEach(element -> open(path, element, into));
    }
  }
}
