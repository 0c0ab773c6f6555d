package dev.postern.deploy.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The metrics that the operators' document lists, and whether an expression keeps to them. */
final class DocumentedMetrics {
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| `([a-z_0-9]+)` \\| (\\w+) \\|([^|]*)\\|[^|]+\\|$");
  private static final Pattern WORD = Pattern.compile("`([^`]+)`");
  private static final Pattern NAME =
      Pattern.compile("\\b((?:postern|jvm|process|system)_[a-z0-9_]+)(?:\\{([^}]*)})?");
  private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(=~|!=|!~|=)\\s*\"([^\"]*)\"");
  private static final Pattern BY = Pattern.compile("\\bby \\(([^)]*)\\)");

  private static final Pattern EXAMPLE = Pattern.compile("(?s)```.*?```");

  /** Labels whose values come from registries or the Java runtime, not from the document. */
  private static final Set<String> OPEN = Set.of("group", "cipher_suite", "area");

  /** What Prometheus adds, and what a histogram's buckets have. */
  private static final Set<String> ALWAYS = Set.of("job", "instance", "le");

  private final Map<String, Set<String>> labels = new HashMap<>();
  private final Map<String, String> types = new HashMap<>();
  private final Set<String> values;

  DocumentedMetrics() throws IOException {
    String document = Files.readString(Shipped.DOCS.resolve("operators/metrics.md"));
    ROW.matcher(document)
        .results()
        .forEach(
            row -> {
              types.put(row.group(1), row.group(2));
              labels.put(row.group(1), words(row.group(3)));
            });
    assertThat(labels).hasSizeGreaterThan(50);
    values = words(EXAMPLE.matcher(document).replaceAll(""));
  }

  /** Fails unless each metric, label and fixed value of a PromQL expression is documented. */
  void assertKnown(String expression) {
    Matcher name = NAME.matcher(expression);
    Set<String> known = new TreeSet<>(ALWAYS);
    int metrics = 0;
    while (name.find()) {
      metrics++;
      String metric = base(name.group(1), expression);
      assertThat(labels).as(expression).containsKey(metric);
      known.addAll(labels.get(metric));
      if (name.group(2) != null) {
        assertSelector(name.group(2), labels.get(metric), expression);
      }
    }
    assertThat(metrics).as("metrics in %s", expression).isPositive();
    BY.matcher(expression)
        .results()
        .flatMap(by -> Pattern.compile(",\\s*").splitAsStream(by.group(1)))
        .forEach(label -> assertThat(known).as(expression).contains(label));
  }

  private void assertSelector(String selector, Set<String> known, String expression) {
    Matcher one = MATCHER.matcher(selector);
    while (one.find()) {
      String label = one.group(1);
      if (!ALWAYS.contains(label)) {
        assertThat(known).as(expression).contains(label);
      }
      if (!one.group(3).startsWith("$") && !OPEN.contains(label)) {
        Pattern.compile("\\|")
            .splitAsStream(one.group(3))
            .forEach(value -> assertThat(values).as(expression).contains(value));
      }
    }
  }

  /** Histograms and summaries are asked for by their parts. */
  private String base(String metric, String expression) {
    for (String part : Set.of("_bucket", "_sum", "_count")) {
      if (metric.endsWith(part) && !labels.containsKey(metric)) {
        String whole = metric.substring(0, metric.length() - part.length());
        assertThat(types.get(whole)).as(expression).isIn("histogram", "summary");
        if (part.equals("_bucket")) {
          assertThat(types.get(whole)).as(expression).isEqualTo("histogram");
        }
        return whole;
      }
    }
    return metric;
  }

  private static Set<String> words(String text) {
    return WORD.matcher(text).results().map(word -> word.group(1)).collect(Collectors.toSet());
  }
}
