package dev.postern.smtp;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A submission server by the book, for octets in and octets out: what a session would be without a
 * proxy. What it says depends on what is asked only, so that two sessions can be compared.
 * Addresses that begin with {@code bad} and {@code later} are refused, messages with {@code
 * reject-me} too; at an address that begins with {@code leave} and a message with {@code leave-me}
 * it says 421 and is gone.
 */
final class ReferenceServer {
  /**
   * What it has taken.
   *
   * @param utf8 whether MAIL had SMTPUTF8
   */
  record Message(String sender, boolean utf8, List<String> recipients, String body) {}

  static final List<String> EXTENSIONS =
      List.of(
          "PIPELINING",
          "SIZE 100000",
          "8BITMIME",
          "SMTPUTF8",
          "DSN",
          "CHUNKING",
          "BINARYMIME",
          "AUTH PLAIN");

  /** Commands that must be the last of a group: those, and all that no RFC lets stand elsewhere. */
  private static final Set<String> LAST_OF_GROUP =
      Set.of("EHLO", "HELO", "AUTH", "DATA", "NOOP", "VRFY", "EXPN", "HELP", "QUIT", "STARTTLS");

  private static final Pattern MAIL =
      Pattern.compile("(?i)FROM: *<?((?<=<)[^<> ]*(?=>)|(?<!<)[^<> ]+)>?((?: +[^ ]+)*) *");
  private static final Pattern RCPT =
      Pattern.compile("(?i)TO: *<?((?<=<)[^<> ]+(?=>)|(?<!<)[^<> ]+)>?((?: +[^ ]+)*) *");
  private static final Pattern SIZE = Pattern.compile("(?i)SIZE=\\d{1,18}");

  private final StringBuilder in = new StringBuilder();
  private final StringBuilder out = new StringBuilder("220 reference\r\n");
  private final List<Message> messages = new ArrayList<>();
  private boolean dotted;
  private long chunk = -1;
  private boolean lastChunk;
  private String sender = "";
  private boolean begun;
  private boolean binary;
  private boolean utf8;
  private boolean extended;
  private List<String> recipients = new ArrayList<>();
  private StringBuilder chunks = new StringBuilder();
  private boolean chunked;
  private boolean over;
  private boolean spokenTo;
  private final boolean strict;
  private boolean waiting = true;

  private ReferenceServer(boolean strict) {
    this.strict = strict;
  }

  /** Puts up with a client that sends more behind a command that should be the last of a group. */
  static ReferenceServer lenient() {
    return new ReferenceServer(false);
  }

  /**
   * Ends the session of whoever sends more behind such a command before {@link #heard} (RFC 2920
   * §3.1), as Postfix does.
   */
  static ReferenceServer strict() {
    return new ReferenceServer(true);
  }

  /** All that it has said has reached the client. */
  void heard() {
    waiting = false;
  }

  /** Says whether nobody has sent it anything. */
  boolean hasHeardNothing() {
    return !spokenTo;
  }

  void send(String octets) {
    spokenTo = true;
    if (strict && waiting && !over && !octets.isEmpty()) {
      say("554 5.5.0 you talk too soon: " + octets);
      over = true;
    }
    in.append(octets);
    while (!over && step()) {
      // each step has taken something
    }
  }

  /** Takes what has been said since. */
  String said() {
    String said = out.toString();
    out.setLength(0);
    return said;
  }

  List<Message> messages() {
    return messages;
  }

  private boolean step() {
    if (dotted) {
      return body();
    }
    if (chunk >= 0) {
      if (in.length() < chunk) {
        return false;
      }
      String octets = take((int) chunk);
      chunk = -1;
      chunk(octets);
      return true;
    }
    int end = in.indexOf("\r\n");
    if (end < 0) {
      return false;
    }
    String line = take(end + 2).substring(0, end).stripTrailing();
    int blank = line.indexOf(' ');
    String verb = (blank < 0 ? line : line.substring(0, blank)).toUpperCase(Locale.ROOT);
    command(verb, blank < 0 ? "" : line.substring(blank + 1).strip(), line);
    return true;
  }

  private void command(String verb, String arguments, String line) {
    if (line.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
      say("500 5.5.2 control");
      return;
    }
    waiting = LAST_OF_GROUP.contains(verb);
    switch (verb) {
      case "EHLO", "HELO" -> hello(verb, arguments);
      case "AUTH" -> say(arguments.startsWith("PLAIN A") ? "235 2.7.0 in" : "503 5.5.1 in already");
      case "MAIL" -> mail(arguments);
      case "RCPT" -> rcpt(arguments);
      case "DATA" -> data();
      case "BDAT" -> bdat(arguments);
      case "RSET" -> {
        reset();
        say("250 2.0.0 reset");
      }
      case "NOOP" -> say("250 2.0.0 noop " + arguments);
      case "HELP" -> say("214 2.0.0 help");
      case "VRFY" -> say("252 2.5.2 maybe");
      case "QUIT" -> {
        say("221 2.0.0 bye");
        over = true;
      }
      case "STARTTLS" -> say("503 5.5.1 too late");
      case "XCLIENT", "XFORWARD", "ETRN", "EXPN", "BURL" -> say("502 5.5.1 no " + verb);
      default -> say("500 5.5.2 what");
    }
  }

  private void hello(String verb, String name) {
    if (name.isEmpty() || name.contains(" ") || name.length() > 255) {
      say("501 5.5.4 name");
      return;
    }
    reset();
    extended = verb.equals("EHLO");
    if (!extended) {
      say("250 reference");
      return;
    }
    say("250-reference");
    for (String e : EXTENSIONS) {
      say((e.equals(EXTENSIONS.get(EXTENSIONS.size() - 1)) ? "250 " : "250-") + e);
    }
  }

  private void mail(String arguments) {
    var parsed = MAIL.matcher(arguments);
    if (!parsed.matches()) {
      say("501 5.5.4 path");
      return;
    }
    boolean bin = false;
    boolean international = false;
    boolean huge = false;
    for (String p : parsed.group(2).strip().split(" +")) {
      String upper = p.toUpperCase(Locale.ROOT);
      if (p.isEmpty()) {
        continue;
      }
      boolean known = upper.equals("SMTPUTF8") || upper.matches("(SIZE|BODY|RET|ENVID)(=.*)?");
      if (!extended || !known) {
        say("555 5.5.4 parameter");
        return;
      }
      if (!(upper.equals("SMTPUTF8")
          || SIZE.matcher(p).matches()
          || upper.matches("BODY=(7BIT|8BITMIME|BINARYMIME)|RET=(FULL|HDRS)|ENVID=[!-*,-<>-~]+"))) {
        say("501 5.5.4 value");
        return;
      }
      bin |= upper.equals("BODY=BINARYMIME");
      international |= upper.equals("SMTPUTF8");
      huge |= SIZE.matcher(p).matches() && Long.parseLong(p.substring(5)) > 100_000;
    }
    if (huge) {
      say("552 5.3.4 large");
    } else if (begun) {
      say("503 5.5.1 nested " + parsed.group(1));
    } else if (parsed.group(1).startsWith("bad")) {
      say("553 5.1.7 " + parsed.group(1));
    } else {
      begun = true;
      binary = bin;
      utf8 = international;
      sender = parsed.group(1);
      say("250 2.1.0 " + sender);
    }
  }

  private void rcpt(String arguments) {
    var parsed = RCPT.matcher(arguments);
    if (!parsed.matches()) {
      say("501 5.5.4 path");
      return;
    }
    for (String p : parsed.group(2).strip().split(" +")) {
      String upper = p.toUpperCase(Locale.ROOT);
      if (p.isEmpty()) {
        continue;
      }
      if (!extended || !upper.matches("(NOTIFY|ORCPT)(=.*)?")) {
        say("555 5.5.4 parameter");
        return;
      }
      if (!upper.matches("NOTIFY=(NEVER|SUCCESS|SUCCESS,DELAY)|ORCPT=RFC822;[!-*,-<>-~]+")) {
        say("501 5.5.4 value");
        return;
      }
    }
    String path = parsed.group(1);
    if (chunked) {
      say("503 5.5.1 too late for " + path);
    } else if (!begun) {
      say("503 5.5.1 mail first for " + path);
    } else if (path.startsWith("bad")) {
      say("550-5.1.1 " + path);
      say("550 5.1.1 unknown");
    } else if (path.startsWith("leave")) {
      leave(path);
    } else if (path.startsWith("later")) {
      say("451 4.7.1 " + path);
    } else {
      recipients.add(path);
      say("250 2.1.5 " + path);
    }
  }

  private void data() {
    if (!begun || chunked || binary) {
      say("503 5.5.1 no data now");
    } else if (recipients.isEmpty()) {
      say("554 5.5.1 no recipients");
    } else {
      dotted = true;
      say("354 go on");
    }
  }

  private boolean body() {
    int end = in.indexOf(".\r\n") == 0 ? 0 : in.indexOf("\r\n.\r\n");
    if (end < 0) {
      return false;
    }
    String octets = end == 0 && in.indexOf(".\r\n") == 0 ? "" : in.substring(0, end + 2);
    in.delete(0, octets.length() + 3);
    dotted = false;
    finish(octets, true);
    return true;
  }

  private void bdat(String arguments) {
    String[] words = arguments.split(" +");
    chunk = Long.parseLong(words[0]);
    lastChunk = words.length > 1;
  }

  private void chunk(String octets) {
    if (!extended || !begun || recipients.isEmpty()) {
      say("503 5.5.1 no chunk now");
      return;
    }
    if (octets.contains("reject-me")) {
      reset();
      say("554 5.7.1 such a chunk");
      return;
    }
    chunked = true;
    chunks.append(octets);
    if (lastChunk) {
      finish(chunks.toString(), false);
    } else {
      say("250 2.0.0 taken");
    }
  }

  private void leave(String why) {
    say("421-4.3.2 " + why);
    say("421 4.3.2 gone");
    over = true;
  }

  private void finish(String body, boolean stuffed) {
    if (body.contains("leave-me")) {
      leave("message");
      return;
    }
    boolean refused = body.contains("reject-me");
    if (!refused) {
      // a first line that is no header must not become part of the fields in front of it
      String apart = body.matches("(?s)" + (stuffed ? "\\.?" : "") + "[ \t].*") ? "\r\n" : "";
      messages.add(new Message(sender, utf8, List.copyOf(recipients), apart + body));
    }
    reset();
    say(refused ? "554 5.7.1 such a message" : "250 2.0.0 queued as " + messages.size());
  }

  private void reset() {
    begun = false;
    binary = false;
    chunked = false;
    recipients = new ArrayList<>();
    chunks = new StringBuilder();
  }

  private void say(String line) {
    out.append(line).append("\r\n");
  }

  private String take(int count) {
    String taken = in.substring(0, count);
    in.delete(0, count);
    return taken;
  }
}
