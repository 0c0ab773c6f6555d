package dev.postern.smtp;

/**
 * Recognises one {@code Received} field, rule by rule as the standards write it, and shares nothing
 * with the code that writes it.
 *
 * <pre>
 *   Time-stamp-line  = "Received:" FWS Stamp CRLF                                 RFC 5321 §4.4
 *   Stamp            = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
 *   From-domain      = "FROM" FWS Extended-Domain
 *   By-domain        = CFWS "BY" FWS Extended-Domain
 *   Extended-Domain  = Domain / ( Domain FWS "(" TCP-info ")" ) / ( address-literal FWS "(" TCP-info ")" )
 *   TCP-info         = address-literal / ( Domain FWS address-literal )
 *   Opt-info         = [Via] [With] [ID] [For] [Additional-Registered-Clauses]
 *   Via              = CFWS "VIA" FWS Link
 *   With             = CFWS "WITH" FWS Protocol
 *   ID               = CFWS "ID" FWS ( Atom / msg-id )
 *   For              = CFWS "FOR" FWS ( Path / Mailbox )
 *   Additional-Registered-Clauses = 1* (CFWS Atom FWS String)
 *   tls-cipher-clause = CFWS "tls" FWS tls-cipher                                 CCO-4.3
 *   tls-cipher       = tls-cipher-suite-name / tls-cipher-suite-hex
 *   tls-cipher-suite-name = ALPHA *(ALPHA / DIGIT / "_")
 *   tls-cipher-suite-hex  = "0x" 4HEXDIG
 *   tls-dh-group-clause   = CFWS "group" FWS dh-group                             RFC 8314 §4.3
 *   dh-group         = ALPHA *(ALPHA / DIGIT / "_" / "-")
 *   date-time        = [ day-of-week "," ] day month year hour ":" minute [ ":" second ] zone
 * </pre>
 *
 * Comments may stand wherever CFWS may, and behind an Extended-Domain too: what is behind its
 * TCP-info is the CFWS before the next word.
 */
final class ReceivedGrammar {
  private static final String ATEXT_SPECIALS = "!#$%&'*+-/=?^_`{|}~";
  private static final String MONTHS = " Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
  private static final String WEEK = " Mon Tue Wed Thu Fri Sat Sun ";

  private final String text;
  private int at;
  private boolean group;
  private String with = "";
  private String recipient = "";
  private String cipher = "";

  private ReceivedGrammar(String text) {
    this.text = text;
  }

  /** What a field says. */
  record Said(String with, String recipient, String cipher, boolean group) {}

  /**
   * Reads a whole field.
   *
   * @throws IllegalArgumentException with the place where the grammar is left
   */
  static Said read(String field) {
    ReceivedGrammar g = new ReceivedGrammar(field);
    g.stamp();
    return new Said(g.with, g.recipient, g.cipher, g.group);
  }

  private void stamp() {
    word("Received:");
    fws(true);
    word("from");
    fws(true);
    extendedDomain();
    cfws(true);
    word("by");
    fws(true);
    extendedDomain();
    cfws(true);
    if (keyword("via")) {
      atom();
      cfws(true);
    }
    if (keyword("with")) {
      with = atom();
      cfws(false);
    }
    if (keyword("id")) {
      atom();
      cfws(false);
    }
    if (keyword("for")) {
      recipient = path();
      cfws(false);
    }
    if (keyword("tls")) {
      cipher = cipher();
      cfws(false);
    }
    if (keyword("group")) {
      group = true;
      dhGroup();
      cfws(false);
    }
    word(";");
    fws(true);
    dateTime();
    word("\r\n");
    check(at == text.length(), "the end");
  }

  private void extendedDomain() {
    boolean literal = peek() == '[';
    if (literal) {
      addressLiteral();
    } else {
      domain();
    }
    int before = at;
    fws(false);
    // "(" TCP-info ")" or, behind a domain, any comment
    if (peek() == '(' && at > before) {
      int comment = at;
      at++;
      if (peek() == '[') {
        addressLiteral();
        word(")");
        return;
      }
      at = comment;
    }
    check(!literal, "TCP-info behind an address literal");
    at = before;
  }

  private void domain() {
    int labels = 0;
    do {
      int from = at;
      while (letterOrDigit(peek()) || peek() == '-') {
        at++;
      }
      String label = text.substring(from, at);
      check(!label.isEmpty() && !label.startsWith("-") && !label.endsWith("-"), "a label");
      labels++;
    } while (skip('.'));
    check(labels > 0, "a domain");
  }

  private void addressLiteral() {
    word("[");
    int from = at;
    while (peek() != ']' && peek() > ' ') {
      at++;
    }
    String literal = text.substring(from, at);
    check(
        literal.startsWith("IPv6:") ? isIpv6(literal.substring(5)) : isIpv4(literal),
        "an address literal");
    word("]");
  }

  private static boolean isIpv4(String s) {
    String[] numbers = s.split("\\.", -1);
    boolean good = numbers.length == 4;
    for (String n : numbers) {
      good &= n.matches("\\d{1,3}") && Integer.parseInt(n) <= 255;
    }
    return good;
  }

  /** IPv6-full or IPv6-comp: eight groups, or at most six around a double colon. */
  private static boolean isIpv6(String s) {
    int gap = s.indexOf("::");
    if (gap < 0) {
      return groups(s) == 8;
    }
    String before = s.substring(0, gap);
    String behind = s.substring(gap + 2);
    int left = before.isEmpty() ? 0 : groups(before);
    int right = behind.isEmpty() ? 0 : groups(behind);
    return left >= 0 && right >= 0 && left + right <= 6;
  }

  private static int groups(String s) {
    String[] groups = s.split(":", -1);
    for (String g : groups) {
      if (!g.matches("[0-9a-fA-F]{1,4}")) {
        return -1;
      }
    }
    return groups.length;
  }

  private String path() {
    int from = at;
    word("<");
    int atom = at;
    do {
      int start = at;
      while (isAtomText(peek())) {
        at++;
      }
      check(at > start, "an atom of the local part");
    } while (skip('.'));
    check(at - atom <= 254, "a local part that a path has room for");
    word("@");
    if (peek() == '[') {
      addressLiteral();
    } else {
      domain();
    }
    word(">");
    return text.substring(from, at);
  }

  private String atom() {
    int from = at;
    while (isAtomText(peek())) {
      at++;
    }
    check(at > from, "an atom");
    return text.substring(from, at);
  }

  private String cipher() {
    int from = at;
    if (peek() == '0') {
      word("0x");
      for (int i = 0; i < 4; i++) {
        check("0123456789ABCDEFabcdef".indexOf(peek()) >= 0, "a hexadecimal digit");
        at++;
      }
    } else {
      check(letter(peek()), "a letter");
      while (letterOrDigit(peek()) || peek() == '_') {
        at++;
      }
    }
    return text.substring(from, at);
  }

  private void dhGroup() {
    check(letter(peek()), "a letter");
    while (letterOrDigit(peek()) || peek() == '_' || peek() == '-') {
      at++;
    }
  }

  private void dateTime() {
    check(WEEK.contains(" " + take(3) + " "), "a day of the week");
    word(",");
    fws(true);
    check(take(2).matches("0[1-9]|[12]\\d|3[01]"), "a day");
    fws(true);
    check(MONTHS.contains(" " + take(3) + " "), "a month");
    fws(true);
    check(take(4).matches("\\d{4}"), "a year");
    fws(true);
    check(take(8).matches("([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d"), "a time");
    fws(true);
    check(take(5).matches("[+-]\\d{4}"), "a zone");
  }

  /** [FWS]; a fold is CRLF with a blank behind it. */
  private boolean fws(boolean needed) {
    int from = at;
    while (peek() == ' '
        || peek() == '\t'
        || text.startsWith("\r\n\t", at)
        || text.startsWith("\r\n ", at)) {
      at += peek() == '\r' ? 3 : 1;
    }
    check(at > from || !needed, "white space");
    return at > from;
  }

  /** [CFWS]: white space and comments, in which parentheses are balanced. */
  private void cfws(boolean needed) {
    boolean any = fws(false);
    while (peek() == '(') {
      comment();
      any = true;
      fws(false);
    }
    check(any || !needed, "white space or a comment");
  }

  private void comment() {
    word("(");
    while (peek() != ')') {
      if (peek() == '(') {
        comment();
      } else if (!fws(false)) {
        char c = peek();
        check(c > ' ' && c < 0x7f && c != '\\', "comment text");
        at++;
      }
    }
    word(")");
  }

  private boolean keyword(String name) {
    if (!text.regionMatches(true, at, name, 0, name.length())
        || " \t\r".indexOf(text.charAt(at + name.length())) < 0) {
      return false;
    }
    check(" \t)".indexOf(text.charAt(at - 1)) >= 0, "white space before " + name);
    at += name.length();
    fws(true);
    return true;
  }

  private void word(String expected) {
    check(text.regionMatches(true, at, expected, 0, expected.length()), expected);
    at += expected.length();
  }

  private String take(int count) {
    check(at + count <= text.length(), "more");
    at += count;
    return text.substring(at - count, at);
  }

  private boolean skip(char c) {
    boolean there = peek() == c;
    at += there ? 1 : 0;
    return there;
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : 0;
  }

  private void check(boolean good, String expected) {
    if (!good) {
      throw new IllegalArgumentException("expected " + expected + " at " + at + " of " + text);
    }
  }

  private static boolean isAtomText(char c) {
    return letterOrDigit(c) || ATEXT_SPECIALS.indexOf(c) >= 0;
  }

  private static boolean letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean letterOrDigit(char c) {
    return letter(c) || (c >= '0' && c <= '9');
  }
}
