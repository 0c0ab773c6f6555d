package dev.postern.core.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What has been found so far: reading goes on after a mistake, so that an operator sees all of them
 * at once.
 */
final class Problems {
  private final List<Problem> errors = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();

  void error(Tree where, String message, Optional<String> suggestion) {
    errors.add(new Problem(where.path(), where.line(), message, suggestion));
  }

  void error(Tree where, String message, String suggestion) {
    error(where, message, Optional.of(suggestion));
  }

  void warning(Tree where, String message, String suggestion) {
    warnings.add(new Problem(where.path(), where.line(), message, Optional.of(suggestion)));
  }

  boolean none() {
    return errors.isEmpty();
  }

  List<Problem> errors() {
    return inFileOrder(errors);
  }

  List<Problem> warnings() {
    return inFileOrder(warnings);
  }

  private static List<Problem> inFileOrder(List<Problem> problems) {
    return problems.stream().sorted(Comparator.comparingInt(Problem::line)).toList();
  }
}
