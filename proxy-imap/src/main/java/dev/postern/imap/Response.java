package dev.postern.imap;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A status response (RFC 9051 §7.1), tagged or not.
 *
 * @param tag the tag, or {@code *}
 * @param condition {@code OK}, {@code NO}, {@code BAD}, {@code BYE} or {@code PREAUTH}
 * @param code name of the response code in upper case; empty when there is none
 * @param codeArguments what follows the name inside the brackets
 * @param text for people
 */
record Response(String tag, String condition, String code, String codeArguments, String text) {

  /** Takes a line apart; null when it is no status response. */
  static @Nullable Response parse(String line) {
    int afterTag = line.indexOf(' ');
    if (afterTag < 1) {
      return null;
    }
    int space = line.indexOf(' ', afterTag + 1);
    int afterCondition = space < 0 ? line.length() : space;
    String condition = line.substring(afterTag + 1, afterCondition).toUpperCase(Locale.ROOT);
    switch (condition) {
      case "OK", "NO", "BAD", "BYE", "PREAUTH" -> {}
      default -> {
        return null;
      }
    }
    String tag = line.substring(0, afterTag);
    String rest = afterCondition < line.length() ? line.substring(afterCondition + 1) : "";
    int close = rest.startsWith("[") ? rest.indexOf(']') : -1;
    if (close < 0) {
      return new Response(tag, condition, "", "", rest);
    }
    String code = rest.substring(1, close);
    int inner = code.indexOf(' ');
    return new Response(
        tag,
        condition,
        (inner < 0 ? code : code.substring(0, inner)).toUpperCase(Locale.ROOT),
        inner < 0 ? "" : code.substring(inner + 1),
        rest.substring(close + 1).stripLeading());
  }

  /** Says whether the response answers the command of a tag. */
  boolean answers(String command) {
    return tag.equals(command);
  }

  /** Returns the response with another condition. */
  Response as(String other) {
    return new Response(tag, other, code, codeArguments, text);
  }

  boolean isOk() {
    return condition.equals("OK");
  }

  /** Returns the capabilities in the response code; null when it is another code or none. */
  @Nullable List<String> capabilities() {
    return code.equals("CAPABILITY") ? Capabilities.words(codeArguments) : null;
  }

  /**
   * Writes the response for the client: under another tag, with the capabilities of the response
   * code as the client shall see them.
   *
   * @return the line, CRLF included
   */
  String forClient(String clientTag) {
    StringBuilder line = new StringBuilder(clientTag).append(' ').append(condition).append(' ');
    List<String> offered = capabilities();
    if (offered != null) {
      line.append("[CAPABILITY ")
          .append(String.join(" ", Capabilities.afterLogin(offered)))
          .append("] ");
    } else if (!code.isEmpty()) {
      line.append('[').append(code);
      if (!codeArguments.isEmpty()) {
        line.append(' ').append(codeArguments);
      }
      line.append("] ");
    }
    return line.append(text.isEmpty() ? "Completed." : text).append("\r\n").toString();
  }
}
