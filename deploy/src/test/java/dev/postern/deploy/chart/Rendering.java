package dev.postern.deploy.chart;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What Helm made of one file of values.
 *
 * @param name of the file, without its ending
 * @param manifests empty when the values were refused
 * @param notes what it tells the user; empty when the values were refused
 * @param refused why
 * @param lint what it found; empty when it found nothing
 */
record Rendering(
    String name, List<Manifest> manifests, String notes, Optional<String> refused, String lint) {
  Rendering {
    manifests = List.copyOf(manifests);
  }

  static Rendering of(String name, Path folder) throws IOException {
    Path refused = folder.resolve(name + ".refused");
    Path lint = folder.resolve(name + ".lint");
    String linted = Files.exists(lint) ? Files.readString(lint) : "";
    if (Files.exists(refused)) {
      return new Rendering(name, List.of(), "", Optional.of(Files.readString(refused)), linted);
    }
    return new Rendering(
        name,
        Yaml.all(Files.readString(folder.resolve(name + ".manifests"))).stream()
            .map(Manifest::of)
            .toList(),
        Files.readString(folder.resolve(name + ".notes")),
        Optional.empty(),
        linted);
  }

  /** Returns the manifests of a kind, in Helm's order. */
  List<Manifest> all(String kind) {
    return manifests.stream().filter(manifest -> manifest.kind().equals(kind)).toList();
  }

  /** Returns the manifest of a kind and name. */
  Manifest one(String kind, String named) {
    return all(kind).stream()
        .filter(manifest -> manifest.name().equals(named))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + ": no " + kind + " " + named));
  }

  /** Returns the only manifest of a kind. */
  Manifest one(String kind) {
    List<Manifest> all = all(kind);
    if (all.size() != 1) {
      throw new AssertionError(name + ": not one " + kind + ", but " + all);
    }
    return all.get(0);
  }

  @Override
  public String toString() {
    return name;
  }
}
