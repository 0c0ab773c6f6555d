package dev.postern.core.event;

import java.util.Map;
import java.util.Optional;

/** Takes the fields of one line, in order; how a line looks is the implementation's business. */
interface Fields {

  void text(Key key, String value);

  void number(Key key, long value);

  void flag(Key key, boolean value);

  /** Names and values that the client chose. */
  void pairs(Key key, Map<String, String> values);

  /** Leaves the key out when there is no value. */
  default void text(Key key, Optional<String> value) {
    if (value.isPresent()) {
      text(key, value.get());
    }
  }
}
