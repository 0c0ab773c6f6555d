package dev.postern.deploy.certificate;

/**
 * Text from somebody else's certificate or server, made fit for a terminal: it cannot move the
 * cursor, change its own direction or look like a line of ours.
 */
public final class Printable {
  private Printable() {}

  /**
   * Returns the text with everything that does not show, apart from the ordinary space, written as
   * <code>&#92;u{HEX}</code>. A backslash stays: distinguished names are full of them.
   */
  public static String of(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (shows(c)) {
                printable.appendCodePoint(c);
              } else {
                printable.append("\\u{").append(Integer.toHexString(c)).append('}');
              }
            });
    return printable.toString();
  }

  private static boolean shows(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }
}
