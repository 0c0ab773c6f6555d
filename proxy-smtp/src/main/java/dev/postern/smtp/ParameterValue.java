package dev.postern.smtp;

import static java.time.format.DateTimeFormatter.ISO_OFFSET_DATE_TIME;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The grammar of parameter values, each as its extension defines it. Values have one character an
 * octet; a parameter without {@code =} has the empty value.
 */
final class ParameterValue {
  private static final String BINARYMIME = "BINARYMIME";
  private static final int LONGEST_ENVID = 100;
  private static final int LONGEST_ORCPT = 500;
  private static final Set<String> CONDITIONS = Set.of("SUCCESS", "FAILURE", "DELAY");
  private static final Pattern BY = Pattern.compile("([+-]?)(\\d{1,9});([NRnr])[Tt]?");
  private static final Pattern HOLD_FOR = Pattern.compile("[1-9]\\d{0,8}");
  private static final Pattern HOLD_UNTIL =
      Pattern.compile(
          "\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?([Zz]|[+-]\\d\\d:\\d\\d)");
  private static final Pattern PRIORITY = Pattern.compile("0|-?[1-9]");
  private static final Pattern ADDRESS_TYPE = Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+");

  private ParameterValue() {}

  /** RFC 1870 §4. */
  static boolean isSize(String value) {
    if (value.isEmpty() || value.length() > 20) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < '0' || value.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  /** Says whether the message may be any octets (RFC 3030 §3). */
  static boolean isBinary(String value) {
    return value.equalsIgnoreCase(BINARYMIME);
  }

  /** RFC 6152 §2, RFC 3030 §3. */
  static boolean isBody(String value) {
    return value.equalsIgnoreCase("8BITMIME")
        || value.equalsIgnoreCase("7BIT")
        || value.equalsIgnoreCase(BINARYMIME);
  }

  /** RFC 3461 §4.3. */
  static boolean isRet(String value) {
    return value.equalsIgnoreCase("FULL") || value.equalsIgnoreCase("HDRS");
  }

  /** RFC 3461 §4.4; its length is that of what it stands for. */
  static boolean isEnvid(String value) {
    return isXtext(value)
        && value.length() - 2 * value.chars().filter(c -> c == '+').count() <= LONGEST_ENVID;
  }

  /** RFC 3461 §4; what it stands for is printable, for it is written into reports. */
  static boolean isXtext(String value) {
    return isXtext(value, false);
  }

  private static boolean isXtext(String value, boolean utf8) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '+') {
        if (i + 2 >= value.length()
            || !isUpperHex(value.charAt(i + 1))
            || !isUpperHex(value.charAt(i + 2))
            || !isPrintable(Integer.parseInt(value, i + 1, i + 3, 16))) {
          return false;
        }
        i += 2;
      } else if (c <= ' ' || c == '=' || c == 0x7f || (c > 0x7f && !utf8)) {
        return false;
      }
    }
    return !value.isEmpty();
  }

  private static boolean isPrintable(int octet) {
    return octet >= ' ' && octet < 0x7f;
  }

  private static boolean isUpperHex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
  }

  /** RFC 2852 §4: what must be returned in time needs some time. */
  static boolean isBy(String value) {
    var by = BY.matcher(value);
    return by.matches()
        && (by.group(3).equalsIgnoreCase("N")
            || (!by.group(1).equals("-") && Integer.parseInt(by.group(2)) > 0));
  }

  /** RFC 4865 §4. */
  static boolean isHoldFor(String value) {
    return HOLD_FOR.matcher(value).matches();
  }

  /** RFC 4865 §4, RFC 3339 §5.6. */
  static boolean isHoldUntil(String value) {
    return HOLD_UNTIL.matcher(value).matches();
  }

  /**
   * RFC 2852 §4: who wants a message back that is late must leave the server the time that it says
   * it needs.
   *
   * @param value one that {@link #isBy} allows
   * @param least seconds; no bound when it is no number
   */
  static boolean leavesTime(String value, String least) {
    var by = BY.matcher(value);
    return !by.matches()
        || by.group(3).equalsIgnoreCase("N")
        || Long.parseLong(by.group(2)) >= seconds(least, 0);
  }

  /**
   * RFC 4865 §4.
   *
   * @param value one that {@link #isHoldFor} allows
   * @param most seconds; no bound when it is no number
   */
  static boolean isAtMost(String value, String most) {
    return seconds(value, 0) <= seconds(most, Long.MAX_VALUE);
  }

  private static long seconds(String number, long otherwise) {
    return isSize(number) && number.length() <= 18 ? Long.parseLong(number) : otherwise;
  }

  /**
   * RFC 4865 §4.
   *
   * @param value one that {@link #isHoldUntil} allows
   * @param last date and time; no bound when it is none
   */
  static boolean isNotAfter(String value, String last) {
    return !instant(value)
        .flatMap(until -> instant(last).map(bound -> until.isAfter(bound)))
        .orElse(false);
  }

  /** A leap second is in the grammar, and no time that can be compared: the backend may judge. */
  private static Optional<Instant> instant(String dateTime) {
    try {
      return Optional.of(
          OffsetDateTime.parse(dateTime.toUpperCase(Locale.ROOT), ISO_OFFSET_DATE_TIME)
              .toInstant());
    } catch (DateTimeException notOne) {
      return Optional.empty();
    }
  }

  /** RFC 6710 §4. */
  static boolean isPriority(String value) {
    return PRIORITY.matcher(value).matches();
  }

  /** RFC 3461 §4.1. */
  static boolean isNotify(String value) {
    String conditions = value.toUpperCase(Locale.ROOT);
    if (conditions.equals("NEVER")) {
      return true;
    }
    for (String condition : conditions.split(",", -1)) {
      if (!CONDITIONS.contains(condition)) {
        return false;
      }
    }
    return true;
  }

  /** RFC 3461 §4.2; with addresses in UTF-8, RFC 6533 §3. */
  static boolean isOrcpt(String value) {
    int semicolon = value.indexOf(';');
    return semicolon > 0
        && value.length() <= LONGEST_ORCPT
        && ADDRESS_TYPE.matcher(value.substring(0, semicolon)).matches()
        && isXtext(value.substring(semicolon + 1), value.regionMatches(true, 0, "utf-8;", 0, 6));
  }
}
