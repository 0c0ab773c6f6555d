package dev.postern.deploy;

import static java.util.stream.Collectors.toMap;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Containers of an image whose layers lie in a folder, without a container engine.
 *
 * <p>As root on Linux, a container is what an engine would make of the image: its root file system,
 * read-only and without anything writable in it, its user, its environment, its entrypoint. Others
 * may not do that: for them the same files are run in place, the paths of Postern prefixed with the
 * folder's.
 */
final class UnpackedImage {
  /** Takes the root, the user, the folder for {@code /etc/postern} and what to run. */
  private static final String CONTAINER =
      """
      set -eu
      root=$1 user=$2 etc=$3
      shift 3
      chroot=$(command -v chroot)
      mount --bind "$root" "$root"
      mount --rbind /dev "$root/dev"
      mount --rbind /proc "$root/proc"
      mount --bind "$etc" "$root/etc/postern"
      mount -o remount,bind,ro "$root/etc/postern"
      mount -o remount,bind,ro "$root"
      PATH=$IMAGE_PATH
      unset IMAGE_PATH
      exec "$chroot" --userspec="$user" "$root" "$@"
      """;

  private static final Pattern PATH_OF_POSTERN = Pattern.compile("(^|[=@:])(?=/app/)");
  private static final String PROGRAMS = "/usr/sbin:/usr/bin:/sbin:/bin";

  private final Path root;
  private final JsonNode config;
  private final boolean isolated;

  private UnpackedImage(Path root, JsonNode config, boolean isolated) {
    this.root = root;
    this.config = config;
    this.isolated = isolated;
  }

  static UnpackedImage of(ImageArchive archive, Path root)
      throws IOException, InterruptedException {
    archive.unpack(root);
    boolean isolated = mayIsolate();
    if (isolated) {
      // Engines make the folders that they mount over.
      for (String folder : List.of("dev", "proc", "etc/postern")) {
        Files.createDirectories(root.resolve(folder));
      }
    }
    return new UnpackedImage(root, archive.description().get("config"), isolated);
  }

  private static boolean mayIsolate() throws InterruptedException {
    try {
      return new ProcessBuilder(
                  "unshare", "--mount", "sh", "-c", "mount --bind / / && chroot / true")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException noSuchProgram) {
      return false;
    }
  }

  /** Says whether containers have a root file system and a user of their own. */
  boolean isIsolated() {
    return isolated;
  }

  Path root() {
    return root;
  }

  /** Returns the user and group that the image says, as numbers with a colon between. */
  String user() {
    return config.get("User").textValue();
  }

  /**
   * Starts a container.
   *
   * @param etc what is mounted as {@code /etc/postern}
   * @param javaOptions more options for the JVM, as an operator gives them; may be empty
   * @param arguments instead of those that the image says; none to keep these
   */
  PosternProcess start(Path etc, String javaOptions, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    Map<String, String> environment = new HashMap<>(environment());
    if (!javaOptions.isEmpty()) {
      environment.put("JDK_JAVA_OPTIONS", javaOptions);
    }
    if (isolated) {
      command.addAll(List.of("unshare", "--mount", "sh", "-c", CONTAINER, "container"));
      command.addAll(List.of(root.toString(), user(), etc.toString()));
      command.addAll(words("Entrypoint"));
      environment.put("IMAGE_PATH", environment.getOrDefault("PATH", PROGRAMS));
      environment.put("PATH", PROGRAMS);
    } else {
      command.addAll(prefixed(words("Entrypoint")));
    }
    command.addAll(arguments.length == 0 ? words("Cmd") : List.of(arguments));
    if (!isolated && arguments.length == 0) {
      command.addAll(List.of("--config", etc.resolve("postern.yaml").toString()));
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(environment);
    return PosternProcess.of(builder);
  }

  private List<String> words(String key) {
    return StreamSupport.stream(config.path(key).spliterator(), false)
        .map(JsonNode::textValue)
        .toList();
  }

  private Map<String, String> environment() {
    return words("Env").stream()
        .map(variable -> variable.split("=", 2))
        .collect(toMap(variable -> variable[0], variable -> variable[1]));
  }

  /** An entrypoint for a process that sees the whole machine. */
  private List<String> prefixed(List<String> entrypoint) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(java(entrypoint.get(0)).toString());
    for (String word : entrypoint.subList(1, entrypoint.size())) {
      boolean isClassPath = words.get(words.size() - 1).equals("-cp");
      words.add(prefixed(isClassPath ? Files.readString(root.resolve(word.substring(2))) : word));
    }
    return words;
  }

  private String prefixed(String word) {
    return PATH_OF_POSTERN
        .matcher(word)
        .replaceAll(match -> match.group(1) + Matcher.quoteReplacement(root.toString()));
  }

  private Path java(String name) throws IOException {
    String path = environment().getOrDefault("PATH", PROGRAMS);
    return Stream.of(path.split(":"))
        .map(folder -> root.resolve(folder.substring(1)).resolve(name))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() -> new IOException("no " + name + " in the image's PATH, " + path));
  }
}
