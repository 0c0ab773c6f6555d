package dev.postern.core.event;

import java.util.Map;
import java.util.TreeMap;

/**
 * One message of the log: {@code key=value} with the audit log's vocabulary; values that are not
 * plain words are JSON strings.
 */
final class LogLine implements Fields {
  private final StringBuilder out = new StringBuilder(256);

  static String of(SessionContext context, SessionEvent event) {
    LogLine line = new LogLine();
    EventFields.write(context, event, line);
    return line.out.toString();
  }

  @Override
  public void text(Key key, String value) {
    key(key);
    value(value);
  }

  @Override
  public void number(Key key, long value) {
    key(key);
    out.append(value);
  }

  @Override
  public void flag(Key key, boolean value) {
    key(key);
    out.append(value);
  }

  @Override
  public void pairs(Key key, Map<String, String> values) {
    StringBuilder list = new StringBuilder();
    new TreeMap<>(values)
        .forEach(
            (name, value) ->
                list.append(list.isEmpty() ? "" : "; ").append(name).append(": ").append(value));
    text(key, list.toString());
  }

  private void key(Key key) {
    if (!out.isEmpty()) {
      out.append(' ');
    }
    out.append(key.label()).append('=');
  }

  private void value(String value) {
    if (isWord(value)) {
      out.append(value);
    } else {
      JsonLine.quote(value, out);
    }
  }

  private static boolean isWord(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=') {
        return false;
      }
    }
    return !value.isEmpty() && value.length() <= JsonLine.LONGEST_TEXT;
  }
}
