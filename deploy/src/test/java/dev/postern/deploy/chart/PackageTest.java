package dev.postern.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The package is the chart, whole: it needs nothing of the repository any more. */
@ExtendWith(RenderedExtension.class)
class PackageTest {
  /** Left there for whoever wants to install it. */
  private static final Path TARGET = Path.of("target");

  @Test
  @Tag("CARD-6")
  void packageInstallsTheSame(Renderings renderings, @TempDir Path out) throws IOException {
    Path folder = Files.createDirectories(TARGET.toAbsolutePath());
    try (var old = Files.newDirectoryStream(folder, "postern-*.tgz")) {
      for (Path file : old) {
        Files.delete(file);
      }
    }
    Path packaged = Chart.here().packageInto(folder);
    assertThat(packaged.getFileName()).hasToString("postern-%s.tgz".formatted(version()));
    assertThat(names(packaged))
        .contains(
            "postern/Chart.yaml",
            "postern/README.md",
            "postern/values.yaml",
            "postern/values.schema.json",
            "postern/templates/NOTES.txt",
            "postern/files/postern.json",
            "postern/files/postern.rules.yml");
    List<Path> values =
        Chart.values("").stream()
            .filter(file -> file.endsWith("service-monitor.yaml") || file.endsWith("least.yaml"))
            .toList();
    Map<String, Rendering> again =
        new Chart(packaged).render(out, Chart.OLDEST_KUBERNETES, values, Map.of());
    assertThat(again).hasSize(2);
    again.forEach(
        (name, rendering) ->
            assertThat(rendering.manifests())
                .as(name)
                .containsExactlyElementsOf(
                    renderings.of(name).manifests().stream()
                        .filter(manifest -> !manifest.kind().equals("Pod"))
                        .toList()));
  }

  private static String version() throws IOException {
    String chart = Files.readString(Chart.here().path().resolve("Chart.yaml"));
    return String.valueOf(Yaml.map(chart).get("version"));
  }

  /** Names of the regular files in a tar archive (POSIX ustar): no links among them. */
  private static List<String> names(Path file) throws IOException {
    List<String> names = new ArrayList<>();
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      byte[] header = in.readNBytes(512);
      while (header.length == 512 && header[0] != 0) {
        String name = text(header, 0, 100);
        long size = Long.parseLong(text(header, 124, 11).strip(), 8);
        char type = (char) header[156];
        assertThat(type == '0' || type == 0).as("%s is a file", name).isTrue();
        names.add(name);
        in.skipNBytes((size + 511) / 512 * 512);
        header = in.readNBytes(512);
      }
    }
    return names;
  }

  private static String text(byte[] header, int from, int length) {
    int end = from;
    while (end < from + length && header[end] != 0) {
      end++;
    }
    return new String(header, from, end - from, StandardCharsets.UTF_8);
  }
}
