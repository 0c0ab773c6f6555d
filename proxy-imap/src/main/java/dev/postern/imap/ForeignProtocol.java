package dev.postern.imap;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Tells by its first line a client that speaks another protocol; nothing that it says must be taken
 * for commands.
 */
final class ForeignProtocol {
  /**
   * First words of HTTP, SMTP and POP3. All are tags in IMAP, so a command that IMAP knows behind
   * one clears it.
   */
  private static final Set<String> FIRST_WORDS =
      Set.of(
          "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH", "PRI",
          "EHLO", "HELO", "LHLO", "MAIL", "USER", "PASS", "CAPA", "STLS", "APOP", "QUIT", "AUTH");

  private static final Set<String> KNOWN =
      Set.of(
          "CAPABILITY",
          "NOOP",
          "LOGOUT",
          "ID",
          "STARTTLS",
          "LOGIN",
          "AUTHENTICATE",
          "SELECT",
          "LIST");

  private ForeignProtocol() {}

  /**
   * Judges a session's first line.
   *
   * @param tag what stands where a tag should
   * @param name what stands where a command's name should, in upper case
   * @param line the line from its start
   */
  static boolean speaks(@Nullable String tag, String name, Cursor line) {
    if (KNOWN.contains(name)) {
      return false;
    }
    String first = tag == null ? line.atom() : tag;
    return first != null
        && (FIRST_WORDS.contains(first.toUpperCase(Locale.ROOT)) || first.startsWith("SSH-"));
  }
}
