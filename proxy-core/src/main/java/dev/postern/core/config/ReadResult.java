package dev.postern.core.config;

import java.util.List;
import java.util.Map;

/** What came of reading a configuration. */
public sealed interface ReadResult {

  /**
   * The configuration can be used.
   *
   * @param configuration the configuration
   * @param warnings what an operator should look at, in the file's order
   * @param lines the line of every key that was set, by its path, so that later checks can name it
   */
  record Valid(Configuration configuration, List<Problem> warnings, Map<String, Integer> lines)
      implements ReadResult {
    public Valid {
      warnings = List.copyOf(warnings);
      lines = Map.copyOf(lines);
    }
  }

  /**
   * The configuration cannot be used.
   *
   * @param problems everything that is wrong, in the file's order
   */
  record Invalid(List<Problem> problems) implements ReadResult {
    public Invalid {
      problems = List.copyOf(problems);
    }
  }
}
