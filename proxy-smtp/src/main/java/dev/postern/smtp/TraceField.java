package dev.postern.smtp;

import dev.postern.core.snapshot.TraceSettings;
import dev.postern.core.tls.TlsFacts;
import java.net.InetAddress;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Optional;

/**
 * The {@code Received} field that goes in front of each message: a {@code Time-stamp-line} (RFC
 * 5321 §4.4) with the {@code tls} clause of CCO-4.3 and the {@code group} clause of RFC 8314 §4.3.
 * What a client said of itself or of a recipient gets into it only as far as the grammar has a
 * place for it. All that is the same in each message of a session is put together once.
 */
final class TraceField {

  /** Longest path that is written, brackets included (RFC 5321 §4.5.3.1.3). */
  static final int PATH = 256;

  /** Longest part of an odd EHLO argument that is shown. */
  private static final int ODD_HELO = 64;

  /** Stands for a name that is none. */
  private static final String UNKNOWN = "unknown";

  private static final String DAYS = "MonTueWedThuFriSatSun";
  private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

  /** Blanks around a recipient that may become a fold. */
  private static final int PLACES = 2;

  private static final int SECONDS_OF_DAY = 86_400;

  private final String helo;
  private final boolean extended;
  private final InetAddress client;
  private final TraceSettings.Address shown;
  private final Optional<TlsFacts> tls;
  private final boolean authenticated;
  private final String head;
  private final String headUtf8;
  private final String middle;
  private final String tail;
  private final int maximumLength;

  /**
   * Prepares the fields of a session.
   *
   * @param helo the argument of EHLO or HELO, one character an octet; may be empty
   * @param extended whether that was EHLO
   * @param client the client's address
   * @param shown how much of the client's address is written
   * @param hostname the proxy's own name
   * @param session identifier of the session: letters and digits
   * @param tls the channel's TLS; empty on cleartext
   * @param authenticated whether the client has authenticated
   */
  TraceField(
      String helo,
      boolean extended,
      InetAddress client,
      TraceSettings.Address shown,
      String hostname,
      String session,
      Optional<TlsFacts> tls,
      boolean authenticated) {
    this.helo = helo;
    this.extended = extended;
    this.client = client;
    this.shown = shown;
    this.tls = tls;
    this.authenticated = authenticated;
    head = head(hostname, session, false);
    headUtf8 = head(hostname, session, true);
    middle = tls.map(t -> "(" + t.version().protocol() + ")").orElse("");
    tail = tail();
    // where a line is folded differs with the recipient's length: at most two octets a place
    maximumLength =
        write(Instant.EPOCH, true, "<" + "x".repeat(PATH - 4) + "@x>").length() + 2 * PLACES;
  }

  /**
   * Writes the field, final CRLF included.
   *
   * @param date when the message came
   * @param utf8 whether MAIL had the parameter SMTPUTF8 (RFC 6531 §4.3)
   * @param recipient forward-path of the only recipient, in angle brackets; empty when there are
   *     several, or when it must not be told. What is not a plain ASCII path is left out.
   */
  String write(Instant date, boolean utf8, String recipient) {
    Folding out = new Folding(utf8 ? headUtf8 : head);
    boolean traced = isPlainPath(recipient);
    if (traced || !middle.isEmpty()) {
      out.line();
      if (!middle.isEmpty()) {
        out.add(middle);
      }
      if (traced) {
        out.add("for " + recipient);
      }
    }
    out.whole(tail);
    date(out.out, date.getEpochSecond());
    return out.end();
  }

  /**
   * Returns a field as it has to stand in front of a message. One that begins with a blank has no
   * header, and its first line would be taken for more of the field (RFC 5322 §2.2.3): anybody
   * could add to what the field says. An empty line keeps them apart, as Postfix does it too.
   *
   * @param first the message's first octet
   */
  static String before(int first, String field) {
    return first == ' ' || first == '\t' ? field + "\r\n" : field;
  }

  /** Returns a path if it is short enough to be told, or nothing, so that nobody keeps it. */
  static String fitting(String path) {
    return path.length() > PATH ? "" : path;
  }

  /** Returns a length, in octets, that {@link #write} never exceeds, whatever its arguments are. */
  int maximumLength() {
    return maximumLength;
  }

  private String head(String hostname, String session, boolean utf8) {
    Folding out = new Folding("Received: from");
    from(out);
    out.line();
    out.add("by " + hostname);
    out.add("(Postern)");
    out.add("with " + protocol(utf8));
    out.add("id " + session);
    return out.toString();
  }

  private String tail() {
    Folding out = new Folding("");
    tls.ifPresent(
        t -> {
          out.line();
          out.add("tls " + t.cipherSuite());
          t.group().ifPresent(g -> out.add("group " + g));
        });
    return out + ";\r\n\t";
  }

  /** {@code date-time} (RFC 5322 §3.3), as in Sun, 22 Nov 2026 10:00:00 +0000. */
  private static void date(StringBuilder out, long epochSecond) {
    long day = Math.floorDiv(epochSecond, SECONDS_OF_DAY);
    int second = Math.floorMod(epochSecond, SECONDS_OF_DAY);
    LocalDate date = LocalDate.ofEpochDay(day);
    // the first day of the epoch was a Thursday
    name(out, DAYS, Math.floorMod(day + 3, 7));
    two(out.append(", "), date.getDayOfMonth());
    name(out.append(' '), MONTHS, date.getMonthValue() - 1);
    out.append(' ').append(date.getYear()).append(' ');
    two(out, second / 3600);
    two(out.append(':'), second / 60 % 60);
    two(out.append(':'), second % 60);
    out.append(" +0000");
  }

  private static void name(StringBuilder out, String names, int index) {
    out.append(names, 3 * index, 3 * index + 3);
  }

  private static void two(StringBuilder out, int number) {
    out.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
  }

  /**
   * {@code Extended-Domain} of the client: the domain or address literal it claims, and the address
   * it truly has.
   */
  private void from(Folding out) {
    String address =
        switch (shown) {
          case FULL -> AddressLiteral.bracketed(client);
          case NETWORK -> AddressLiteral.bracketedNetwork(client);
          case OMIT -> "";
        };
    boolean whole = shown == TraceSettings.Address.FULL;
    boolean literal = isIpv4(helo);
    // An address that a client gives instead of a name says as much as the one that is not to be
    // shown.
    boolean usable = literal ? whole && helo.startsWith("[") : isDomain(helo);
    out.add(usable ? helo : UNKNOWN);
    if (!address.isEmpty()) {
      out.add("(" + address + ")");
    }
    if (!usable && whole && !helo.isEmpty()) {
      out.add((extended ? "(EHLO " : "(HELO ") + commentText(helo) + ")");
    }
  }

  /**
   * RFC 3848, RFC 6531 §4.3. Who has said no EHLO speaks SMTP (RFC 5321 §4.4); with TLS or a login
   * there is no word for that.
   */
  private String protocol(boolean utf8) {
    boolean plain = !extended && tls.isEmpty() && !authenticated;
    return (utf8 ? "UTF8SMTP" : plain ? "SMTP" : "ESMTP")
        + (tls.isPresent() ? "S" : "")
        + (authenticated ? "A" : "");
  }

  private static boolean isDomain(String s) {
    if (s.isEmpty() || s.length() > 255) {
      return false;
    }
    char before = '.';
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '.' || c == '-') {
        if (before == '.' || (c == '.' && before == '-')) {
          return false;
        }
      } else if (!isLetterOrDigit(c)) {
        return false;
      }
      before = c;
    }
    return before != '.' && before != '-';
  }

  /** Says whether a text is an IPv4 address, bare or in brackets. */
  private static boolean isIpv4(String s) {
    boolean brackets = s.startsWith("[");
    if (brackets && !s.endsWith("]")) {
      return false;
    }
    int end = brackets ? s.length() - 1 : s.length();
    int numbers = 0;
    for (int at = brackets ? 1 : 0; at <= end; numbers++) {
      int value = 0;
      int digits = 0;
      while (at < end && s.charAt(at) >= '0' && s.charAt(at) <= '9' && digits < 4) {
        value = value * 10 + s.charAt(at++) - '0';
        digits++;
      }
      if (digits == 0 || digits > 3 || value > 255 || (at < end && s.charAt(at) != '.')) {
        return false;
      }
      at++;
    }
    return numbers == 4;
  }

  /** Makes {@code ctext} (RFC 5322 §3.2.2) of anything. */
  private static String commentText(String s) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < s.length() && i < ODD_HELO; i++) {
      char c = s.charAt(i);
      out.append(c > ' ' && c < 0x7f && c != '(' && c != ')' && c != '\\' ? c : '?');
    }
    return out.toString();
  }

  /**
   * Says whether a path is a dot-string at a domain or an address literal. Quoted local parts,
   * source routes and UTF-8 are rare and left out of the trace rather than carried through header
   * syntax.
   */
  private static boolean isPlainPath(String path) {
    int end = path.length() - 1;
    int at = path.lastIndexOf('@');
    if (end < 1
        || path.length() > PATH
        || path.charAt(0) != '<'
        || path.charAt(end) != '>'
        || at < 2) {
      return false;
    }
    char before = '.';
    for (int i = 1; i < at; i++) {
      char c = path.charAt(i);
      if (c == '.' ? before == '.' : !isAtomText(c)) {
        return false;
      }
      before = c;
    }
    String host = path.substring(at + 1, end);
    return before != '.' && (isDomain(host) || (host.startsWith("[") && isIpv4(host)));
  }

  private static boolean isAtomText(char c) {
    return isLetterOrDigit(c) || "!#$%&'*+-/=?^_`{|}~".indexOf(c) >= 0;
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  /** Lines of at most 78 characters wherever there is a blank to fold at (RFC 5322 §2.1.1). */
  private static final class Folding {
    private static final int WIDTH = 78;

    private final StringBuilder out = new StringBuilder(400);
    private int column;
    private boolean fresh;

    /** Goes on behind what there is already, which ends a word. */
    Folding(String begun) {
      out.append(begun);
      column = begun.length() - begun.lastIndexOf('\n') - 1;
    }

    /** Appends words, kept on one line if one can hold them and the semicolon that may follow. */
    void add(String words) {
      if (column + 1 + words.length() >= WIDTH && !fresh) {
        line();
      }
      int blank = words.indexOf(' ');
      if (fresh && column + words.length() >= WIDTH && blank > 0) {
        append(words.substring(0, blank));
        add(words.substring(blank + 1));
      } else {
        append(words);
      }
    }

    private void append(String words) {
      if (!fresh) {
        out.append(' ');
        column++;
      }
      out.append(words);
      column += words.length();
      fresh = false;
    }

    /** Begins a new line unless there is one already. */
    void line() {
      if (!fresh) {
        out.append("\r\n\t");
        column = 1;
        fresh = true;
      }
    }

    /** Appends what is folded already. */
    void whole(String text) {
      out.append(text);
    }

    String end() {
      return out.append("\r\n").toString();
    }

    @Override
    public String toString() {
      return out.toString();
    }
  }
}
