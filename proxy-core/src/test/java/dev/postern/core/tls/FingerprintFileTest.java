package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FingerprintFileTest {
  private static final String AB = "ab".repeat(32);
  private static final String CD = "cd".repeat(32);

  @TempDir private Path folder;

  private final List<String> problems = new ArrayList<>();

  @Test
  void readsFingerprintsAsTheyAreUsuallyWritten() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("users"),
            """
            # laptops
            %s alice

               %s\tbob@example.org   # his telephone
            """
                .formatted(AB, "CD:".repeat(31) + "CD"));

    assertThat(FingerprintFile.read(file, problems))
        .isEqualTo(Map.of(AB, "alice", CD, "bob@example.org"));
    assertThat(problems).isEmpty();
  }

  @Test
  void tellsAllMistakesWithTheirLines() {
    Map<String, String> read =
        FingerprintFile.parse(
            "users",
            List.of(
                "alice " + AB,
                AB,
                AB + " alice smith",
                AB + " alice",
                AB.replace('a', 'A') + " bob",
                "ab".repeat(31) + ":ab carol",
                CD + " al\u200bice"),
            problems);

    assertThat(problems)
        .satisfiesExactly(
            p -> assertThat(p).startsWith("users line 1: no SHA-256 fingerprint"),
            p -> assertThat(p).startsWith("users line 2: a fingerprint, a blank and one user"),
            p -> assertThat(p).startsWith("users line 3: a fingerprint, a blank and one user"),
            p ->
                assertThat(p)
                    .startsWith("users line 5: this fingerprint is there twice")
                    .endsWith("line 4"),
            p -> assertThat(p).startsWith("users line 6: no SHA-256 fingerprint"),
            p -> assertThat(p).startsWith("users line 7: this cannot be a user's name"));
    assertThat(read).containsOnlyKeys(AB);
  }

  @Test
  void tellsOfAFileThatIsNotThereOrNotText() throws Exception {
    FingerprintFile.read(folder.resolve("none"), problems);
    FingerprintFile.read(Files.write(folder.resolve("junk"), new byte[] {(byte) 0xff}), problems);

    assertThat(problems)
        .satisfiesExactly(
            p -> assertThat(p).contains("none cannot be read (NoSuchFileException)"),
            p -> assertThat(p).endsWith("junk is not UTF-8 text; save it as UTF-8"));
  }
}
