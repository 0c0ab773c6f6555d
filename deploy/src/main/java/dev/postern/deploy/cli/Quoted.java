package dev.postern.deploy.cli;

import java.nio.file.Path;

/** File names as they can be copied from what a command prints. */
final class Quoted {
  private Quoted() {}

  /** Quotes a file name for a shell. */
  static String forShell(Path path) {
    return "'" + path.toString().replace("'", "'\\''") + "'";
  }

  /** Quotes a file name as a YAML scalar. */
  static String forYaml(Path path) {
    return "'" + path.toString().replace("'", "''") + "'";
  }
}
