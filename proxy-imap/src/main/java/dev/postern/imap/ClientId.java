package dev.postern.imap;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client says of itself in ID (RFC 2971), DEEP's latch fields (DEEP-7.1b) among it.
 *
 * @param fields names in lower case, values printable; a field without a value is not among them
 */
record ClientId(Map<String, String> fields) {
  /** Says nothing. */
  static final ClientId NONE = new ClientId(Map.of());

  private static final int MOST_FIELDS = 30;
  private static final int LONGEST_NAME = 30;
  private static final int LONGEST_VALUE = 1024;

  /** A backend's login service takes lines of a few kilobytes. */
  private static final int MOST_FORWARDED_OCTETS = 2048;

  private static final int MOST_FORWARDED = 20;

  /**
   * Reads the argument of ID.
   *
   * @param in stands before the argument
   * @return null when the argument is malformed or beyond the limits of RFC 2971 §3.3
   */
  static @Nullable ClientId parse(Cursor in) {
    if (!in.skip('(')) {
      return nil(in) && in.atEnd() ? NONE : null;
    }
    Map<String, String> fields = new LinkedHashMap<>();
    int count = 0;
    while (!in.skip(')')) {
      if (count > 0 && !in.skip(' ')) {
        return null;
      }
      byte[] name = in.string();
      if (name == null || name.length > LONGEST_NAME || !in.skip(' ') || ++count > MOST_FIELDS) {
        return null;
      }
      byte[] value = in.string();
      if (value == null) {
        if (!nil(in)) {
          return null;
        }
      } else if (value.length > LONGEST_VALUE) {
        return null;
      } else {
        fields.putIfAbsent(printable(name).toLowerCase(Locale.ROOT), printable(value));
      }
    }
    return in.atEnd() ? new ClientId(fields) : null;
  }

  /**
   * Adds to a parameter list what a backend may hear: never {@code x-*} nor {@code tls}, which it
   * would believe.
   *
   * @param list ends in an opening parenthesis or a value
   */
  void forwardTo(StringBuilder list) {
    int left = MOST_FORWARDED_OCTETS;
    int count = 0;
    for (Map.Entry<String, String> field : fields.entrySet()) {
      left -= field.getKey().length() + field.getValue().length();
      if (left < 0 || ++count > MOST_FORWARDED) {
        return;
      }
      if (!field.getKey().startsWith("x-") && !field.getKey().equals("tls")) {
        add(list, field.getKey(), field.getValue());
      }
    }
  }

  /**
   * Adds a name and a value, both quoted, to a parameter list; nothing where either is more than
   * printable ASCII, whoever should have checked it.
   */
  static void add(StringBuilder list, String name, String value) {
    if (!isPrintable(name) || !isPrintable(value)) {
      return;
    }
    if (list.charAt(list.length() - 1) != '(') {
      list.append(' ');
    }
    quote(list, name);
    list.append(' ');
    quote(list, value);
  }

  private static boolean isPrintable(String value) {
    return value.chars().allMatch(c -> c >= ' ' && c < 0x7f);
  }

  private static void quote(StringBuilder out, String value) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\');
      }
      out.append(c);
    }
    out.append('"');
  }

  private static boolean nil(Cursor in) {
    String atom = in.atom();
    return atom != null && atom.equalsIgnoreCase("NIL");
  }

  /**
   * Shows what is no printable ASCII as question marks: the fields end up in logs and at backends.
   */
  private static String printable(byte[] octets) {
    StringBuilder out = new StringBuilder(octets.length);
    new String(octets, UTF_8)
        .codePoints()
        .forEach(c -> out.append(c >= ' ' && c < 0x7f ? (char) c : '?'));
    return out.toString();
  }
}
