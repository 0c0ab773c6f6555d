package dev.postern.deploy.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * Mounts a secret as the kubelet does: files are links into a directory that is itself a link,
 * turned in one step.
 */
final class Kubernetes {
  private Kubernetes() {}

  /** Mounts one file {@code tls.crt}; returns the directory. */
  static Path mount(Path folder, String content) throws IOException {
    return mount(folder, Map.of("tls.crt", content));
  }

  static Path mount(Path folder, Map<String, String> contents) throws IOException {
    exchange(folder, contents);
    for (String name : contents.keySet()) {
      Files.createSymbolicLink(folder.resolve(name), Path.of("..data", name));
    }
    return folder;
  }

  static void exchange(Path folder, String content) throws IOException {
    exchange(folder, Map.of("tls.crt", content));
  }

  static void exchange(Path folder, Map<String, String> contents) throws IOException {
    Path version = Files.createTempDirectory(folder, "..version");
    for (Map.Entry<String, String> file : contents.entrySet()) {
      Files.writeString(version.resolve(file.getKey()), file.getValue());
    }
    Path turned = folder.resolve("..data_tmp");
    Files.createSymbolicLink(turned, version.getFileName());
    Files.move(
        turned,
        folder.resolve("..data"),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }
}
