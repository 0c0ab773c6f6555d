package dev.postern.core.event;

import java.util.EnumMap;
import java.util.Objects;
import java.util.function.Function;

/** Something for each value of an enum, none left out; looking it up is an array access. */
final class PerValue<E extends Enum<E>, V> {
  private final EnumMap<E, V> entries;

  PerValue(Class<E> type, Function<E, V> entry) {
    entries = new EnumMap<>(type);
    for (E value : type.getEnumConstants()) {
      entries.put(value, entry.apply(value));
    }
  }

  V of(E value) {
    return Objects.requireNonNull(entries.get(value));
  }
}
