package dev.postern.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What operators are told is what the reader knows. */
class DocumentationTest {
  private static final Path PROJECT = Path.of("..");
  private static final Path EXAMPLE = PROJECT.resolve("deploy/examples/postern.yaml");
  private static final Path PAGE = PROJECT.resolve("docs/operators/configuration.md");

  @Test
  void exampleCanBeReadAndGivesNoWarning() {
    ReadResult result = new ConfigurationReader(Reading.PROTOCOLS).read(EXAMPLE);
    assertThat(result).isInstanceOf(ReadResult.Valid.class);
    assertThat(((ReadResult.Valid) result).warnings()).isEmpty();
  }

  @Test
  void exampleShowsEveryKey() {
    Map<String, Integer> lines =
        ((ReadResult.Valid) new ConfigurationReader(Reading.PROTOCOLS).read(EXAMPLE)).lines();
    List<String> shown =
        lines.keySet().stream()
            .map(path -> path.replaceAll("\\[\\d+]", "[]"))
            .map(path -> path.replaceFirst("^listeners\\[]\\.tls\\.", "tls."))
            .map(path -> path.replaceFirst("^backends\\.[a-z0-9]+\\.", "backends.<protocol>."))
            .toList();
    assertThat(shown).containsAll(ConfigurationReader.keys());
  }

  @Test
  void pageExplainsEveryKeyAndNoOther() throws IOException {
    List<String> explained =
        Pattern.compile("^\\| `([^`]+)` \\|", Pattern.MULTILINE)
            .matcher(Files.readString(PAGE))
            .results()
            .map(row -> row.group(1))
            .toList();
    assertThat(explained).containsExactlyInAnyOrderElementsOf(ConfigurationReader.keys());
  }

  @Test
  void shortestConfigurationOfThePageWorks() throws IOException {
    String yaml =
        Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE))
            .results()
            .map((MatchResult block) -> block.group(1))
            .findFirst()
            .orElseThrow();
    assertThat(Reading.valid(yaml).warnings()).isEmpty();
    assertThat(Reading.valid(yaml).configuration().listeners())
        .extracting(ListenerSettings::service)
        .containsExactly("imaps", "imap");
  }

  @Test
  void listenersOfThePageWork() throws IOException {
    String yaml =
        Pattern.compile("```yaml\n(listeners:.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE))
            .results()
            .map((MatchResult block) -> block.group(1))
            .findFirst()
            .orElseThrow();
    assertThat(Reading.warnings(yaml)).isEmpty();
  }

  @Test
  void policyOfThePageWorks() throws IOException {
    String yaml =
        Pattern.compile("```yaml\n(policy:.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE))
            .results()
            .map((MatchResult block) -> block.group(1))
            .findFirst()
            .orElseThrow();
    assertThat(Reading.warnings(yaml)).isEmpty();
  }
}
