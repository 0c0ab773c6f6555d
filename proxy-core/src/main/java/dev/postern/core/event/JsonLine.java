package dev.postern.core.event;

/**
 * Writes JSON (RFC 8259) objects that stay on one line and show nothing but printable characters,
 * whatever the values are: what has no visible form, or a form that could mislead (control, format
 * and line separator characters), is escaped; half a surrogate pair becomes U+FFFD.
 */
public final class JsonLine {

  /**
   * Longest text that is written whole, in UTF-16 code units; what is longer is cut and ends in an
   * ellipsis.
   */
  public static final int LONGEST_TEXT = 1024;

  private static final char[] HEX = "0123456789abcdef".toCharArray();

  private final StringBuilder out;
  private boolean first = true;

  /**
   * Begins an object.
   *
   * @param out where it is written
   */
  public JsonLine(StringBuilder out) {
    this.out = out.append('{');
  }

  /** Adds a text. */
  public JsonLine text(String key, String value) {
    key(key);
    quote(value, out);
    return this;
  }

  /** Adds a number. */
  public JsonLine number(String key, long value) {
    key(key);
    out.append(value);
    return this;
  }

  /** Adds a boolean. */
  public JsonLine flag(String key, boolean value) {
    key(key);
    out.append(value);
    return this;
  }

  /**
   * Begins an object within this one; it must be ended before anything else is added to this one.
   */
  public JsonLine object(String key) {
    key(key);
    return new JsonLine(out);
  }

  /** Ends the object. */
  public void end() {
    out.append('}');
  }

  private void key(String key) {
    if (!first) {
      out.append(',');
    }
    first = false;
    quote(key, out);
    out.append(':');
  }

  /** Returns a text as a JSON string, as messages of the log have their values. */
  public static String quoted(String text) {
    StringBuilder out = new StringBuilder(text.length() + 2);
    quote(text, out);
    return out.toString();
  }

  /** Writes a JSON string. */
  static void quote(String text, StringBuilder out) {
    out.append('"');
    int end = Math.min(text.length(), LONGEST_TEXT);
    int i = 0;
    while (i < end) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (c == '"' || c == '\\') {
        out.append('\\').append((char) c);
      } else if (c >= ' ' && c < 0x7f) {
        out.append((char) c);
      } else if (visible(c)) {
        out.appendCodePoint(c);
      } else if (Character.isSupplementaryCodePoint(c)) {
        escape(Character.highSurrogate(c), out);
        escape(Character.lowSurrogate(c), out);
      } else {
        escape(Character.isSurrogate((char) c) ? '\ufffd' : (char) c, out);
      }
    }
    if (end < text.length()) {
      out.append('…');
    }
    out.append('"');
  }

  private static boolean visible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          false;
      default -> true;
    };
  }

  private static void escape(char c, StringBuilder out) {
    out.append("\\u")
        .append(HEX[c >> 12])
        .append(HEX[c >> 8 & 15])
        .append(HEX[c >> 4 & 15])
        .append(HEX[c & 15]);
  }
}
