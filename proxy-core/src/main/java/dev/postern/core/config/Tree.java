package dev.postern.core.config;

import java.util.List;
import java.util.Map;

/** A piece of the file that knows where it stands. Its line is that of its key. */
sealed interface Tree {

  /** Returns the path of keys that leads here. */
  String path();

  /** Returns the line, counted from 1. */
  int line();

  /** Returns what it is, in words for a message. */
  String kind();

  /** One value, not yet interpreted: {@code 1.2} stays the text that it is in the file. */
  record Scalar(String path, int line, String text) implements Tree {
    @Override
    public String kind() {
      return "a single value";
    }
  }

  /** A key without a value: as if the key were not there, but for the conditions of rules. */
  record Nothing(String path, int line) implements Tree {
    @Override
    public String kind() {
      return "nothing";
    }
  }

  record Sequence(String path, int line, List<Tree> items) implements Tree {
    @Override
    public String kind() {
      return "a list";
    }
  }

  /** Entries in the file's order. */
  record Mapping(String path, int line, Map<String, Tree> entries) implements Tree {
    @Override
    public String kind() {
      return "a mapping";
    }
  }
}
