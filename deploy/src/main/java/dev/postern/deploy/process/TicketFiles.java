package dev.postern.deploy.process;

import dev.postern.core.config.Configuration;
import dev.postern.core.config.Problem;
import dev.postern.core.config.ReadResult;
import dev.postern.core.config.TicketSettings;
import dev.postern.core.tls.TicketKeyFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks into the files of ticket keys that a configuration names. */
final class TicketFiles {
  private static final String AT = "tickets.files";

  private TicketFiles() {}

  /** Returns the files, for whoever watches them. */
  static List<Path> named(Configuration configuration) {
    return configuration.tickets() instanceof TicketSettings.Files files
        ? files.files()
        : List.of();
  }

  /** Adds what is wrong with them, each with its line. */
  static void look(ReadResult.Valid valid, List<Problem> errors, List<Problem> warnings) {
    List<Path> files = named(valid.configuration());
    switch (TicketKeyFiles.read(files)) {
      case TicketKeyFiles.Result.Read read ->
          read.doubts().forEach(doubt -> warnings.add(problem(doubt, valid.lines())));
      case TicketKeyFiles.Result.Refused refused ->
          refused.problems().forEach(remark -> errors.add(problem(remark, valid.lines())));
    }
  }

  private static Problem problem(TicketKeyFiles.Remark remark, Map<String, Integer> lines) {
    String at = AT + "[" + remark.index() + "]";
    return new Problem(
        at,
        lines.getOrDefault(at, lines.getOrDefault(AT, 0)),
        remark.message(),
        Optional.of(remark.suggestion()));
  }
}
