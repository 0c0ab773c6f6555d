package dev.postern.core.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A mapping whose keys are known. Unknown ones are reported when it is opened; what is asked of it
 * is reported when it is not there or not what it should be. A placeholder then stands in, so that
 * reading can go on: the configuration is refused anyway.
 */
final class Section {
  private final Tree.Mapping mapping;
  private final Collection<String> keys;
  private final Problems problems;
  private final Set<String> wrong = new HashSet<>();

  Section(Tree.Mapping mapping, Collection<String> keys, Problems problems) {
    this.mapping = mapping;
    this.keys = keys;
    this.problems = problems;
    mapping.entries().forEach(this::refuseUnknown);
  }

  private void refuseUnknown(String key, Tree value) {
    if (!keys.contains(key)) {
      problems.error(value, "no such key", Nearest.suggestion(key, keys));
    }
  }

  /** Says whether the key is there with a value. */
  boolean has(String key) {
    return !(at(key) instanceof Tree.Nothing);
  }

  /** Says whether the key is written, be it without a value. */
  boolean isWritten(String key) {
    return mapping.entries().containsKey(key);
  }

  /** Refuses keys that are written without a value, or with a list of none. */
  void refuseEmpty(String message, String suggestion) {
    mapping
        .entries()
        .forEach(
            (key, value) -> {
              if (keys.contains(key)
                  && (value instanceof Tree.Nothing
                      || (value instanceof Tree.Sequence list && list.items().isEmpty()))) {
                problems.error(value, message, suggestion);
              }
            });
  }

  /**
   * Returns what stands at the key, {@link Tree.Nothing} on the section's own line when the key is
   * missing.
   */
  Tree at(String key) {
    if (!keys.contains(key)) {
      throw new IllegalArgumentException(key + " is not declared in Shape");
    }
    Tree value = mapping.entries().get(key);
    return value != null ? value : new Tree.Nothing(path(key), mapping.line());
  }

  /** Returns the section as a whole, to say where a problem is. */
  Tree whole() {
    return mapping;
  }

  <T> Optional<T> optional(String key, Parsed.Parser<T> parser) {
    Optional<T> value = single(at(key), parser);
    if (has(key) && value.isEmpty()) {
      wrong.add(key);
    }
    return value;
  }

  /**
   * Says whether a single value was asked for and was not what it should be: what is told by its
   * placeholder is told of nothing that anybody wrote.
   */
  boolean isWrong(String key) {
    return wrong.contains(key);
  }

  <T> T value(String key, T otherwise, Parsed.Parser<T> parser) {
    return optional(key, parser).orElse(otherwise);
  }

  <T> T required(String key, T placeholder, String example, Parsed.Parser<T> parser) {
    refuseMissing(key, example);
    return value(key, placeholder, parser);
  }

  /** Returns the values of a list; a single value is a list of one. */
  <T> List<T> list(String key, Parsed.Parser<T> parser) {
    List<T> values = new ArrayList<>();
    for (Tree item : items(at(key))) {
      if (item instanceof Tree.Nothing) {
        problems.error(item, "an empty entry", "remove it");
      }
      single(item, parser).ifPresent(values::add);
    }
    return values;
  }

  <T> List<T> requiredList(String key, String example, Parsed.Parser<T> parser) {
    refuseMissing(key, example);
    return list(key, parser);
  }

  /** Returns the mapping at the key, an empty one when there is none. */
  Section section(String key, Collection<String> innerKeys) {
    return section(at(key), innerKeys);
  }

  /** Returns the mappings in the list at the key. */
  List<Section> sections(String key, Collection<String> innerKeys) {
    List<Section> sections = new ArrayList<>();
    switch (at(key)) {
      case Tree.Nothing nothing -> {}
      case Tree.Sequence sequence ->
          sequence.items().forEach(item -> sections.add(section(item, innerKeys)));
      case Tree other ->
          problems.error(
              other, "expected a list, found " + other.kind(), "begin each entry with \"- \"");
    }
    return sections;
  }

  private Section section(Tree tree, Collection<String> innerKeys) {
    Tree.Mapping inner =
        switch (tree) {
          case Tree.Mapping found -> found;
          case Tree.Nothing nothing -> empty(nothing);
          case Tree other -> {
            problems.error(
                other,
                "expected keys and values, found " + other.kind(),
                "keys here: " + String.join(", ", innerKeys));
            yield empty(other);
          }
        };
    return new Section(inner, innerKeys, problems);
  }

  private <T> Optional<T> single(Tree tree, Parsed.Parser<T> parser) {
    return switch (tree) {
      case Tree.Nothing nothing -> Optional.empty();
      case Tree.Scalar scalar -> parsed(scalar, parser);
      case Tree other -> {
        problems.error(other, "expected a single value, found " + other.kind(), Optional.empty());
        yield Optional.empty();
      }
    };
  }

  private <T> Optional<T> parsed(Tree.Scalar scalar, Parsed.Parser<T> parser) {
    return switch (parser.parse(scalar.text())) {
      case Parsed.Good<T>(T value) -> Optional.of(value);
      case Parsed.Wrong<T>(String message, Optional<String> suggestion) -> {
        problems.error(scalar, message, suggestion);
        yield Optional.empty();
      }
    };
  }

  private void refuseMissing(String key, String example) {
    if (!has(key)) {
      problems.error(at(key), "missing", "for instance " + key + ": " + example);
    }
  }

  private List<Tree> items(Tree tree) {
    return switch (tree) {
      case Tree.Nothing nothing -> List.of();
      case Tree.Sequence sequence -> sequence.items();
      case Tree other -> List.of(other);
    };
  }

  private String path(String key) {
    return mapping.path().isEmpty() ? key : mapping.path() + "." + key;
  }

  private static Tree.Mapping empty(Tree tree) {
    return new Tree.Mapping(tree.path(), tree.line(), Map.of());
  }
}
