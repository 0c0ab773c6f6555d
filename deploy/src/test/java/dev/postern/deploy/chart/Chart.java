package dev.postern.deploy.chart;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The chart in the repository or a package of it.
 *
 * @param path its folder, or a file
 */
record Chart(Path path) {
  /** The oldest version of Kubernetes that the chart says it can do with. */
  static final String OLDEST_KUBERNETES = "1.30.0";

  private static final Path FOLDER = Path.of("..", "helm", "postern");

  /** The one that is developed here. */
  static Chart here() {
    return new Chart(FOLDER.toAbsolutePath().normalize());
  }

  /** Why Helm cannot run here; there is one for Linux on amd64 alone. */
  static Optional<String> obstacle() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String machine = System.getProperty("os.arch");
    return system.equals("linux") && (machine.equals("amd64") || machine.equals("x86_64"))
        ? Optional.empty()
        : Optional.of("there is no Helm here for " + system + " on " + machine);
  }

  /** Files of values that the tests have, in the order of their names. */
  static List<Path> values(String folder) throws IOException {
    Path resources =
        Path.of("src", "test", "resources", "dev", "postern", "deploy", "chart").resolve(folder);
    try (Stream<Path> files = Files.list(resources)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .map(file -> file.toAbsolutePath().normalize())
          .sorted()
          .toList();
    }
  }

  /**
   * Renders and lints.
   *
   * @param secrets the data of the Secrets in the cluster, by name
   * @return what came of each file of values, by its name without the ending
   */
  Map<String, Rendering> render(
      Path out, String kubernetes, List<Path> values, Map<String, Map<String, String>> secrets)
      throws IOException {
    try (ApiServer server = new ApiServer(secrets)) {
      List<String> arguments =
          new ArrayList<>(List.of("render", path.toString(), out.toString(), kubernetes));
      values.forEach(file -> arguments.add(file.toString()));
      helm(server.config(out.resolve("kubeconfig")), arguments);
    }
    Map<String, Rendering> renderings = new LinkedHashMap<>();
    for (Path file : values) {
      String name = file.getFileName().toString().replaceFirst("\\.yaml$", "");
      renderings.put(name, Rendering.of(name, out));
    }
    return renderings;
  }

  /** Makes a package in a folder, which holds nothing else of that kind; returns it. */
  Path packageInto(Path folder) throws IOException {
    helm(folder, List.of("package", path.toString(), folder.toString()));
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("postern-[0-9].*\\.tgz"))
          .reduce(
              (one, other) -> {
                throw new IllegalStateException("two packages: " + one + ", " + other);
              })
          .orElseThrow();
    }
  }

  private static void helm(Path kubeconfig, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Helm.class.getName()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectInput(new File("/dev/null"));
    builder.environment().put("KUBECONFIG", kubeconfig.toString());
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IllegalStateException("Helm failed: " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      process.destroyForcibly();
    }
  }
}
