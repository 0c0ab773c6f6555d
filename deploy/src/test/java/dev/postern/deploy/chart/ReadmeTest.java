package dev.postern.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table of values in the chart's page is made of the remarks in values.yaml. */
class ReadmeTest {
  private static final Pattern KEY = Pattern.compile("( *)([A-Za-z]\\w*):.*");
  private static final String BEGIN = "<!-- values: made by make chart from values.yaml -->\n";
  private static final String END = "<!-- end of values -->";
  private static final Path CHART = Chart.here().path();

  @Test
  void tableIsThatOfTheValues() throws IOException {
    Path file = CHART.resolve("README.md");
    String page = Files.readString(file);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    int end = page.indexOf(END);
    assertThat(end).isGreaterThanOrEqualTo(begin);
    String made = page.substring(0, begin) + "\n" + table() + "\n" + page.substring(end);
    if (Boolean.getBoolean("chart.readme.write")) {
      Files.writeString(file, made);
    }
    assertThat(made)
        .as("helm/postern/README.md is older than values.yaml: make chart writes it anew")
        .isEqualTo(Files.readString(file));
  }

  @Test
  void everyValueIsExplained() throws IOException {
    List<String> leaves = new ArrayList<>();
    leaves("", Yaml.map(values()), leaves);
    List<String> explained = rows().stream().map(Row::key).toList();
    assertThat(explained).doesNotHaveDuplicates();
    assertThat(leaves)
        .allMatch(
            leaf ->
                explained.stream().anyMatch(key -> leaf.equals(key) || leaf.startsWith(key + ".")));
  }

  @Test
  void versionIsThatOfTheBuild() throws IOException {
    Map<Object, Object> chart = Yaml.map(Files.readString(CHART.resolve("Chart.yaml")));
    Matcher version =
        Pattern.compile("<artifactId>postern-parent</artifactId>\\s*<version>([^<]+)<")
            .matcher(Files.readString(Path.of("..", "pom.xml")));
    assertThat(version.find()).isTrue();
    // the tag under which the build names the image
    assertThat(chart.get("appVersion")).isEqualTo(version.group(1));
    assertThat(chart.get("version")).isEqualTo(version.group(1).replace("-SNAPSHOT", ""));
    assertThat(String.valueOf(chart.get("kubeVersion")))
        .isEqualTo(">=" + Chart.OLDEST_KUBERNETES + "-0");
  }

  private record Row(String key, String value, String meaning) {}

  private static String table() throws IOException {
    StringBuilder table = new StringBuilder("| value | default | meaning |\n|---|---|---|\n");
    for (Row row : rows()) {
      table.append("| `%s` | %s | %s |\n".formatted(row.key(), row.value(), row.meaning()));
    }
    return table.toString();
  }

  private static String values() throws IOException {
    return Files.readString(CHART.resolve("values.yaml"));
  }

  private static List<Row> rows() throws IOException {
    List<Row> rows = new ArrayList<>();
    Map<Object, Object> values = Yaml.map(values());
    List<String> path = new ArrayList<>();
    String meaning = "";
    for (String line : values().lines().toList()) {
      String text = line.strip();
      if (text.startsWith("# -- ")) {
        meaning = text.substring("# -- ".length());
        continue;
      }
      Matcher key = KEY.matcher(line);
      if (key.matches()) {
        path.subList(Math.min(path.size(), key.group(1).length() / 2), path.size()).clear();
        path.add(key.group(2));
        if (!meaning.isEmpty()) {
          rows.add(new Row(String.join(".", path), shown(values, path), meaning));
        }
      }
      meaning = "";
    }
    return rows;
  }

  private static String shown(Map<Object, Object> values, List<String> path) throws IOException {
    Object value = values;
    for (String key : path) {
      value = ((Map<?, ?>) value).get(key);
    }
    String json = Manifest.MAPPER.writeValueAsString(value);
    return List.of("\"\"", "[]", "{}", "null").contains(json) ? "" : "`" + json + "`";
  }

  private static void leaves(String prefix, Map<?, ?> map, List<String> into) {
    map.forEach(
        (key, value) -> {
          String path = prefix + key;
          if (value instanceof Map<?, ?> below && !below.isEmpty()) {
            leaves(path + ".", below, into);
          } else {
            into.add(path);
          }
        });
  }
}
