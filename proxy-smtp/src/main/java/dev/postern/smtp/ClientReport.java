package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.postern.core.deep.DeepStatus;
import dev.postern.core.tls.TlsFacts;
import io.netty.buffer.ByteBuf;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a client says of itself with CLIENT (DEEP-7.3a).
 *
 * @param fields parameters by keyword in lower case, in the client's order. {@code tls} is never
 *     among them: how the channel is protected is known here, and a client's word is no evidence.
 */
record ClientReport(Map<String, String> fields) {
  private static final int MOST = 20;
  private static final int LONGEST_KEYWORD = 64;
  private static final int LONGEST_VALUE = 255;

  /** The report of a client that has made none. */
  static final ClientReport NONE = new ClientReport(Map.of());

  /** Reads the arguments of CLIENT; empty when they break the grammar. */
  static Optional<ClientReport> parse(ByteBuf line, CommandLine command) {
    Map<String, String> fields = new LinkedHashMap<>();
    int count = 0;
    boolean tls = false;
    for (int at = command.from(); at < command.to(); ) {
      int end = line.indexOf(at, command.to(), (byte) ' ');
      end = end < 0 ? command.to() : end;
      int equals = line.indexOf(at, end, (byte) '=');
      int keywordEnd = equals < 0 ? end : equals;
      String keyword = line.toString(at, keywordEnd - at, ISO_8859_1).toLowerCase(Locale.ROOT);
      String value = equals < 0 ? "" : line.toString(equals + 1, end - equals - 1, ISO_8859_1);
      if (++count > MOST || !isKeyword(keyword) || !isValue(keyword, value, equals >= 0)) {
        return Optional.empty();
      }
      if (keyword.equals("tls")) {
        if (tls) {
          return Optional.empty();
        }
        tls = true;
      } else if (fields.putIfAbsent(keyword, value) != null) {
        return Optional.empty();
      }
      at = end + 1;
    }
    return count == 0
        ? Optional.empty()
        : Optional.of(new ClientReport(Collections.unmodifiableMap(fields)));
  }

  /**
   * Writes the command for a backend that speaks DEEP, with the cipher suite as it truly is
   * (DEEP-7.3b).
   */
  String command(Optional<TlsFacts> tls) {
    StringBuilder out = new StringBuilder("CLIENT");
    fields.forEach((k, v) -> out.append(' ').append(k).append(v.isEmpty() ? "" : "=").append(v));
    tls.ifPresent(t -> out.append(" tls=").append(t.cipherSuite()));
    return out.append("\r\n").toString();
  }

  /** {@code esmtp-keyword} (RFC 5321 §4.1.2). */
  private static boolean isKeyword(String s) {
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c == '-' && i > 0))) {
        return false;
      }
    }
    return !s.isEmpty() && s.length() <= LONGEST_KEYWORD;
  }

  private static boolean isValue(String keyword, String value, boolean given) {
    return switch (keyword) {
      case "name", "version" -> isEsmtpValue(value);
      case "latch", "latch-fail", "security-tags" -> isTags(value);
      case "tls" -> isCipher(value);
      default -> !given || isEsmtpValue(value);
    };
  }

  /** {@code esmtp-value}: printable, neither blank nor {@code =}. */
  private static boolean isEsmtpValue(String s) {
    return !s.isEmpty()
        && s.length() <= LONGEST_VALUE
        && s.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '=');
  }

  private static boolean isTags(String s) {
    if (s.length() > LONGEST_VALUE) {
      return false;
    }
    for (int at = 0; at <= s.length(); ) {
      int comma = s.indexOf(',', at);
      int end = comma < 0 ? s.length() : comma;
      if (!DeepStatus.isTag(s.substring(at, end))) {
        return false;
      }
      at = end + 1;
    }
    return true;
  }

  /**
   * {@code tls-cipher}: a name of the IANA registry, or {@code 0x} and four digits, which has the
   * same characters.
   */
  private static boolean isCipher(String s) {
    return isEsmtpValue(s)
        && s.chars().allMatch(c -> c == '_' || Character.isLetterOrDigit(c))
        && (s.charAt(0) > '9' || (s.length() == 6 && s.startsWith("0x")));
  }
}
