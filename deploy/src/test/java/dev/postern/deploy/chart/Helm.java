package dev.postern.deploy.chart;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;

/**
 * Helm, in a process of its own: it is a program in Go inside of the JVM, with a runtime and signal
 * handlers that the other tests shall not meet.
 */
final class Helm {
  static final String RELEASE = "mail";
  static final String NAMESPACE = "post";

  /** The annotation {@code helm.sh/hook}, as it is shown to tests. */
  static final String SHOWN_HOOK = "shown/hook";

  private Helm() {}

  /**
   * Renders and lints a chart with several files of values, or makes a package of it.
   *
   * @param arguments {@code render CHART OUT KUBERNETES VALUES...}, which leaves for each file of
   *     values {@code NAME.refused}, or {@code NAME.manifests}, {@code NAME.notes} and {@code
   *     NAME.lint}, which is empty when there is nothing to say; or {@code package CHART OUT}
   */
  public static void main(String[] arguments) throws IOException {
    Path chart = Path.of(arguments[1]);
    Path out = Path.of(arguments[2]);
    if (arguments[0].equals("package")) {
      new com.marcnuri.helm.Helm(chart).packageIt().withDestination(out).call();
      return;
    }
    for (int i = 4; i < arguments.length; i++) {
      Path values = Path.of(arguments[i]);
      String name = values.getFileName().toString().replaceFirst("\\.yaml$", "");
      if (Files.isDirectory(chart)) {
        Path copy = Files.createTempDirectory(out, "chart").resolve(chart.getFileName());
        copy(chart, copy);
        showHooks(copy);
        render(copy, arguments[3], values, out, name);
        if (Files.exists(out.resolve(name + ".manifests"))) {
          lint(copy, values, out, name);
        }
      } else {
        render(chart, arguments[3], values, out, name);
      }
    }
  }

  private static void copy(Path chart, Path copy) throws IOException {
    try (Stream<Path> files = Files.walk(chart, FileVisitOption.FOLLOW_LINKS)) {
      files.forEach(
          file -> {
            try {
              Files.copy(file, copy.resolve(chart.relativize(file)));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }

  /** Here Helm keeps hooks to itself, unless it does not know that they are. */
  private static void showHooks(Path chart) throws IOException {
    for (Path hook : List.of(Path.of("tests", "connection.yaml"), Path.of("tickets.yaml"))) {
      Path template = chart.resolve("templates").resolve(hook);
      Files.writeString(
          template, Files.readString(template).replace("helm.sh/hook: ", SHOWN_HOOK + ": "));
    }
  }

  private static void render(Path chart, String kubernetes, Path values, Path out, String name)
      throws IOException {
    com.marcnuri.helm.Helm helm = new com.marcnuri.helm.Helm(chart);
    try {
      String manifests =
          helm.template()
              .withName(RELEASE)
              .withNamespace(NAMESPACE)
              .withKubeVersion(kubernetes)
              .withValuesFile(values)
              .call();
      Files.writeString(out.resolve(name + ".manifests"), manifests);
      // Helm shows the notes only of what it installs.
      String shown =
          helm.install()
              .withName(RELEASE)
              .withNamespace(NAMESPACE)
              .withKubeVersion(kubernetes)
              .withValuesFile(values)
              .dryRun()
              .withDryRunOption(DryRun.CLIENT)
              .clientOnly()
              .debug()
              .call()
              .getOutput();
      Files.writeString(out.resolve(name + ".notes"), shown.substring(shown.indexOf("\nNOTES:\n")));
    } catch (IllegalStateException e) {
      Files.writeString(out.resolve(name + ".refused"), String.valueOf(e.getMessage()));
    }
  }

  /** Helm lints with the values of the chart alone, so they go into the copy of it. */
  private static void lint(Path copy, Path values, Path out, String name) throws IOException {
    Path merged = copy.resolve("values.yaml");
    Map<Object, Object> all = Yaml.map(Files.readString(merged));
    merge(all, Yaml.map(Files.readString(values)));
    Files.writeString(merged, new Dump(DumpSettings.builder().build()).dumpToString(all));
    LintResult result = new com.marcnuri.helm.Helm(copy).lint().strict().call();
    Files.writeString(
        out.resolve(name + ".lint"),
        result.isFailed() ? String.join("\n", result.getMessages()) : "");
  }

  @SuppressWarnings("unchecked")
  private static void merge(Map<Object, Object> into, Map<Object, Object> more) {
    more.forEach(
        (key, value) -> {
          if (value instanceof Map<?, ?> map && into.get(key) instanceof Map<?, ?> old) {
            Map<Object, Object> both = new LinkedHashMap<>((Map<Object, Object>) old);
            merge(both, (Map<Object, Object>) map);
            into.put(key, both);
          } else {
            into.put(key, value);
          }
        });
  }
}
