package dev.postern.core.config;

import java.util.Optional;

/** What came of interpreting one value. */
sealed interface Parsed<T> {

  record Good<T>(T value) implements Parsed<T> {}

  record Wrong<T>(String message, Optional<String> suggestion) implements Parsed<T> {}

  static <T> Parsed<T> good(T value) {
    return new Good<>(value);
  }

  static <T> Parsed<T> wrong(String message, String suggestion) {
    return new Wrong<>(message, Optional.of(suggestion));
  }

  static <T> Parsed<T> wrong(String message) {
    return new Wrong<>(message, Optional.empty());
  }

  /** How one kind of value is read. */
  @FunctionalInterface
  interface Parser<T> {
    Parsed<T> parse(String text);
  }
}
