package dev.postern.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.StreamSupport;

/** The container image as the build writes it: an archive of an OCI image layout. */
final class ImageArchive {
  /** Names the archive to test; set by the profile {@code image} of the build. */
  static final String PROPERTY = "postern.image";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path blobs;
  private final JsonNode manifest;
  private final JsonNode description;

  private ImageArchive(Path blobs, JsonNode manifest, JsonNode description) {
    this.blobs = blobs;
    this.manifest = manifest;
    this.description = description;
  }

  /**
   * Opens the archive that this build made.
   *
   * @param folder for the files in it
   */
  static ImageArchive open(Path folder) throws IOException, InterruptedException {
    run("tar", "-xf", System.getProperty(PROPERTY), "-C", folder.toString());
    JsonNode index = JSON.readTree(folder.resolve("index.json").toFile());
    Path blobs = folder.resolve("blobs");
    JsonNode manifest = read(blobs, index.get("manifests").get(0));
    return new ImageArchive(blobs, manifest, read(blobs, manifest.get("config")));
  }

  private static JsonNode read(Path blobs, JsonNode descriptor) throws IOException {
    return JSON.readTree(blob(blobs, descriptor).toFile());
  }

  private static Path blob(Path blobs, JsonNode descriptor) {
    return blobs.resolve(descriptor.get("digest").textValue().replace(':', '/'));
  }

  /** Returns the image's configuration: architecture, history and what a container starts with. */
  JsonNode description() {
    return description;
  }

  /** Returns the layers, the lowest first. */
  List<Path> layers() {
    return StreamSupport.stream(manifest.get("layers").spliterator(), false)
        .map(layer -> blob(blobs, layer))
        .toList();
  }

  /** Returns the names of the files in a layer. */
  static List<String> names(Path layer) throws IOException, InterruptedException {
    return run("tar", "-tzf", layer.toString()).lines().toList();
  }

  /** Puts the layers one above the other, with the owners and modes that they have in the image. */
  void unpack(Path root) throws IOException, InterruptedException {
    for (Path layer : layers()) {
      run("tar", "-xpzf", layer.toString(), "--numeric-owner", "-C", root.toString());
    }
  }

  private static String run(String... command) throws IOException, InterruptedException {
    File output = Files.createTempFile("image", ".txt").toFile();
    try {
      int exit =
          new ProcessBuilder(command)
              .redirectOutput(output)
              .redirectErrorStream(true)
              .start()
              .waitFor();
      String said = Files.readString(output.toPath());
      if (exit != 0) {
        throw new IOException(String.join(" ", command) + ": " + said);
      }
      return said;
    } finally {
      Files.delete(output.toPath());
    }
  }
}
