package dev.postern.smtp;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The service extensions that a server offers in its answer to EHLO (RFC 5321 §4.1.1.1).
 *
 * @param byKeyword what stands behind each keyword; keywords in upper case, in the server's order
 */
record Extensions(Map<String, String> byKeyword) {

  /** A server that offers none. */
  static final Extensions NONE = new Extensions(Map.of());

  /** Most extensions that are looked at; no server has as many. */
  private static final int MOST = 64;

  /**
   * Takes the lines apart.
   *
   * @param lines keyword and parameters, without reply codes
   */
  static Extensions of(List<String> lines) {
    Map<String, String> found = new LinkedHashMap<>();
    for (String line : lines.subList(0, Math.min(lines.size(), MOST))) {
      int space = line.indexOf(' ');
      String keyword = space < 0 ? line : line.substring(0, space);
      found.putIfAbsent(
          keyword.toUpperCase(Locale.ROOT), space < 0 ? "" : line.substring(space + 1).strip());
    }
    return new Extensions(Collections.unmodifiableMap(found));
  }

  /** Returns those whose keywords, in upper case, pass. */
  Extensions only(Predicate<String> keywords) {
    Map<String, String> some = new LinkedHashMap<>(byKeyword);
    some.keySet().removeIf(keywords.negate());
    return new Extensions(Collections.unmodifiableMap(some));
  }

  boolean offers(String keyword) {
    return byKeyword.containsKey(keyword);
  }

  /**
   * Returns a word behind a keyword; empty when there is none.
   *
   * @param keyword in upper case
   * @param number the first has the number 0
   */
  String word(String keyword, int number) {
    String[] words = byKeyword.getOrDefault(keyword, "").split(" +");
    return number < words.length ? words[number] : "";
  }

  /** Says whether a word stands behind a keyword; both in upper case. */
  boolean offers(String keyword, String word) {
    String words = byKeyword.getOrDefault(keyword, "");
    for (int at = 0; at < words.length(); ) {
      int space = words.indexOf(' ', at);
      int end = space < 0 ? words.length() : space;
      if (end - at == word.length() && words.regionMatches(true, at, word, 0, word.length())) {
        return true;
      }
      at = end + 1;
    }
    return false;
  }
}
