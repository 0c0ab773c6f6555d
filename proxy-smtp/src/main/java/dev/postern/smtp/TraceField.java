package dev.postern.smtp;

import dev.postern.core.snapshot.TraceSettings;
import dev.postern.core.tls.TlsFacts;
import java.net.InetAddress;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * The {@code Received} field that goes in front of each message: a {@code Time-stamp-line} (RFC
 * 5321 §4.4) with the {@code tls} clause of CCO-4.3 and the {@code group} clause of RFC 8314 §4.3.
 * What a client said of itself or of a recipient gets into it only as far as the grammar has a
 * place for it.
 *
 * @param helo the argument of EHLO, one character an octet; may be empty
 * @param client the client's address
 * @param shown how much of the client's address is written
 * @param hostname the proxy's own name
 * @param session identifier of the session: letters and digits
 * @param tls the channel's TLS; empty on cleartext
 * @param authenticated whether the client has authenticated
 */
record TraceField(
    String helo,
    InetAddress client,
    TraceSettings.Address shown,
    String hostname,
    String session,
    Optional<TlsFacts> tls,
    boolean authenticated) {

  /** Longest path that is written, brackets included (RFC 5321 §4.5.3.1.3). */
  static final int PATH = 256;

  /** Longest part of an odd EHLO argument that is shown. */
  private static final int ODD_HELO = 64;

  /** Stands for a name that is none. */
  private static final String UNKNOWN = "unknown";

  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss '+0000'", Locale.ENGLISH)
          .withZone(ZoneOffset.UTC);

  /**
   * Writes the field, final CRLF included.
   *
   * @param date when the message came
   * @param utf8 whether MAIL had the parameter SMTPUTF8 (RFC 6531 §4.3)
   * @param recipient forward-path of the only recipient, in angle brackets; empty when there are
   *     several, or when it must not be told. What is not a plain ASCII path is left out.
   */
  String write(Instant date, boolean utf8, String recipient) {
    return write(date, utf8, isPlainPath(recipient) ? "for " + recipient : "", new Folding());
  }

  /** Returns a length, in octets, that {@link #write} never exceeds, whatever its arguments are. */
  int maximumLength() {
    Folding longest = new Folding();
    // Places of folding differ with the recipient's length; each is at most two octets longer than
    // the blank it replaces.
    return write(Instant.EPOCH, true, "for <" + "x".repeat(PATH - 2) + ">", longest).length()
        + 2 * longest.lines;
  }

  private String write(Instant date, boolean utf8, String recipient, Folding out) {
    from(out);
    out.line();
    out.add("by " + hostname);
    out.add("(Postern)");
    out.add("with " + protocol(utf8));
    out.add("id " + session);
    out.line();
    tls.ifPresent(t -> out.add("(" + t.version().protocol() + ")"));
    if (!recipient.isEmpty()) {
      out.add(recipient);
    }
    tls.ifPresent(
        t -> {
          out.line();
          out.add("tls " + t.cipherSuite());
          t.group().ifPresent(g -> out.add("group " + g));
        });
    out.semicolon();
    out.line();
    out.add(DATE.format(date));
    return out.end();
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
      out.add("(EHLO " + commentText(helo) + ")");
    }
  }

  /** RFC 3848, RFC 6531 §4.3. */
  private String protocol(boolean utf8) {
    return (utf8 ? "UTF8SMTP" : "ESMTP")
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

    private final StringBuilder out = new StringBuilder(400).append("Received: from");
    private int column = out.length();
    private boolean fresh;
    private int lines = 1;

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
        lines++;
      }
    }

    void semicolon() {
      if (fresh) {
        out.setLength(out.length() - 3);
        fresh = false;
      }
      out.append(';');
      column++;
    }

    String end() {
      return out.append("\r\n").toString();
    }
  }
}
