package dev.postern.deploy.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Files of the repository, as they are shipped; surefire runs in {@code deploy}. */
final class Shipped {
  static final Path DEPLOY = Path.of("").toAbsolutePath();
  static final Path DOCS = DEPLOY.resolveSibling("docs");

  private Shipped() {}

  static String text(String name) throws IOException {
    return Files.readString(DEPLOY.resolve(name));
  }

  /** A YAML file; a key that stands twice is an error. */
  static Tree yaml(String name) throws IOException {
    return new Tree(
        name,
        new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build())
            .loadFromString(text(name)));
  }
}
