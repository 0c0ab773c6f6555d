package dev.postern.core.config;

import java.nio.file.Path;

/** Where the audit log goes: one JSON object a line. */
public sealed interface AuditSettings {

  /** The settings of a configuration that says nothing. */
  AuditSettings DEFAULT = new StandardOutput();

  /** To the standard output, for a process supervisor to collect. */
  record StandardOutput() implements AuditSettings {}

  /**
   * To a file, appended.
   *
   * @param path the file; its directory must exist
   */
  record File(Path path) implements AuditSettings {}

  /** Nowhere. */
  record Off() implements AuditSettings {}
}
