package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Which texts can name a user. Stricter than any server: a name that two programs could read in two
 * ways names nobody.
 */
final class Identity {
  private static final int LONGEST = 255;
  private static final int REPLACEMENT = 0xfffd;

  private Identity() {}

  /**
   * Says whether a text can name a user: not empty, at most 255 octets in UTF-8, and all of it
   * visible.
   */
  static boolean isFit(String text) {
    return !text.isEmpty()
        && text.length() <= LONGEST
        && text.codePoints().allMatch(Identity::isVisible)
        && text.getBytes(UTF_8).length <= LONGEST;
  }

  /** Says whether a character leaves a mark of its own: no control, format or blank. */
  static boolean isVisible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SPACE_SEPARATOR,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED ->
          false;
      default -> c != REPLACEMENT;
    };
  }
}
