package dev.postern.deploy.host;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A value in a YAML file, and where it stands. Asking for what is not there fails the test. */
record Tree(String place, @Nullable Object value) {

  Tree at(Object key) {
    if (!map().containsKey(key)) {
      throw new AssertionError(place + " has no " + key);
    }
    return new Tree(place + "." + key, map().get(key));
  }

  boolean has(Object key) {
    return map().containsKey(key);
  }

  Set<String> keys() {
    return entries().keySet();
  }

  /** Named entries; a key without a value is one, too. */
  Map<String, Tree> entries() {
    Map<String, Tree> entries = new LinkedHashMap<>();
    map().forEach((key, v) -> entries.put(key.toString(), new Tree(place + "." + key, v)));
    return entries;
  }

  List<Tree> items() {
    if (!(value instanceof List<?> list)) {
      throw new AssertionError(place + " is not a list: " + value);
    }
    return list.stream().map(item -> new Tree(place + "[]", item)).toList();
  }

  List<String> texts() {
    return items().stream().map(Tree::text).toList();
  }

  String text() {
    if (value == null || value instanceof Map || value instanceof List) {
      throw new AssertionError(place + " is not a text: " + value);
    }
    return value.toString();
  }

  private Map<?, ?> map() {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new AssertionError(place + " has no keys: " + value);
  }
}
