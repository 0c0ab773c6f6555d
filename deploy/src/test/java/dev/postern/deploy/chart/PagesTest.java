package dev.postern.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Values that the pages show can be installed as they stand there. */
@ExtendWith(RenderedExtension.class)
class PagesTest {
  private static final Pattern VALUES = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
  private static final Path PAGE = Path.of("..", "docs", "deploy", "kubernetes.md");

  @TempDir Path folder;

  @Test
  @Tag("CARD-6")
  void everyExampleWorks() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path page : List.of(PAGE, Chart.here().path().resolve("README.md"))) {
      List<String> examples =
          VALUES
              .matcher(Files.readString(page))
              .results()
              .map((MatchResult block) -> block.group(1))
              .toList();
      assertThat(examples).isNotEmpty();
      for (String example : examples) {
        Path file = folder.resolve("example-" + files.size() + ".yaml");
        files.add(Files.writeString(file, completed(example)));
      }
    }
    Map<String, Rendering> renderings =
        Chart.here().render(folder, Chart.OLDEST_KUBERNETES, files, Map.of());
    assertThat(renderings).hasSizeGreaterThan(8);
    renderings.forEach(
        (name, rendering) -> {
          assertThat(rendering.refused()).as(name).isEmpty();
          assertThat(rendering.lint()).as(name).isEmpty();
          rendering
              .manifests()
              .forEach(
                  manifest ->
                      assertThat(
                              KubernetesTypes.problems(manifest)
                                  .or(() -> CustomResources.problems(manifest)))
                          .as("%s: %s", name, manifest)
                          .hasValue(List.of()));
        });
  }

  /** What an example is about stands there; the two values without which nothing works need not. */
  private static String completed(String example) {
    Map<Object, Object> values = Yaml.map(example);
    String text = example;
    if (!values.containsKey("backends")) {
      text +=
          "backends: { imap: { profile: plain, addresses: [10.0.0.5] }, "
              + "submission: { profile: plain, addresses: [10.0.0.7] } }\n";
    }
    if (!values.containsKey("tls") && !values.containsKey("certManager")) {
      text += "tls: { secretName: mail-tls }\n";
    }
    return text;
  }
}
