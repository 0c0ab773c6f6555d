package dev.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.snapshot.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Sessions of legal and illegal commands, grouped and cut anyhow, once with a server itself and
 * once through the dialogue: the same replies but for the words of those that are the proxy's own,
 * and the same messages but for the trace field. Where a client sends NUL, or a CR or LF of its
 * own, the session through the proxy ends there, and is the same until then. A seed makes a
 * session, so a failure can be seen again.
 */
@Tag("CCO-3.3")
@Tag("CCO-4.3")
class GeneratedSessionsTest {
  private static final int SESSIONS = Integer.getInteger("postern.test.sessions", 10_000);

  /** What the proxy says of its own; who refuses a command for its form words the refusal. */
  private static final Set<String> OWN =
      Set.of(
          Replies.ALREADY_AUTHENTICATED,
          Replies.AUTHENTICATED,
          Replies.BAD_ARGUMENTS,
          Replies.BAD_NAME,
          Replies.BAD_OCTETS,
          Replies.BAD_PARAMETER,
          Replies.BINARY_NEEDS_CHUNKS,
          Replies.BYE,
          Replies.CANNOT_VERIFY,
          Replies.CHUNKS_BEGUN,
          Replies.CHUNKS_NAMED,
          Replies.MESSAGE_TOO_LARGE,
          Replies.NO_CHUNKS,
          Replies.NO_SUCH_PARAMETER,
          Replies.NOT_IMPLEMENTED,
          Replies.UNKNOWN_COMMAND,
          "214 2.0.0 See RFC 6409\r\n");

  private static final Pattern CODES = Pattern.compile("\\d{3}[ -](?:\\d\\.\\d+\\.\\d+ )?");

  /** The size is smaller by the trace field; LOGIN and DEEP are the proxy's own. */
  private static final Pattern EHLO =
      Pattern.compile(
          String.join(
              "\r\n250[ -]",
              "250-mail\\.example\\.org",
              "PIPELINING",
              "SIZE 99\\d{3}",
              "8BITMIME",
              "SMTPUTF8",
              "DSN",
              "CHUNKING",
              "BINARYMIME",
              "AUTH PLAIN LOGIN",
              "DEEP\r\n"));

  private static final Pattern VIOLATION =
      Pattern.compile("500 5\\.5\\.2 Lines .*|421 4\\.7\\.0 .* Broken line: .*|550 5\\.6\\.11 .*");

  private static final String[] OTHERS = {
    "NOOP one",
    "RSET",
    "VRFY alice",
    "HELP",
    "FROB",
    "EHLO again.example",
    "EHLO",
    "HELO old.example",
    "STARTTLS",
    "AUTH LOGIN",
    "XCLIENT ADDR=192.0.2.9",
    "ETRN x",
    "EXPN list",
    "BURL imap://x/y LAST",
    "noop",
    "NO\tOP",
    ""
  };

  /** What may be said before a login, and the code that answers it, whatever was said before. */
  private static final String[][] BEFORE_LOGIN = {
    {"EHLO laptop.example", "250"},
    {"HELO old.example", "250"},
    {"EHLO", "501"},
    {"MAIL FROM:<alice@example.org>", "530"},
    {"MAIL FROM:<alice@example.org> SIZE=100 XYZ=1", "530"},
    {"RCPT TO:<one@example.com>", "503"},
    {"DATA", "503"},
    {"BDAT 10 LAST", "503"},
    {"BDAT 10", "503"},
    {"RSET", "250"},
    {"NOOP one", "250"},
    {"VRFY alice", "252"},
    {"HELP", "214"},
    {"EXPN list", "502"},
    {"ETRN x", "502"},
    {"XCLIENT ADDR=192.0.2.9", "502"},
    {"BURL imap://x/y LAST", "502"},
    {"STARTTLS", "454"},
    {"FROB", "500"},
    {"NO\tOP", "500"},
    {"", "500"}
  };

  private static final String[] SENDERS = {
    "<alice@example.org>", "<>", "<bad@example.org>", "alice", "<a b@example.org>", "<x@y.example"
  };
  private static final String[] RECIPIENTS = {
    "<one@example.com>",
    "<two@example.com>",
    "<bad@example.com>",
    "<later@example.com>",
    "<three@[192.0.2.1]>",
    "<leave@example.com>",
    "four",
    "<>x"
  };
  private static final String[] OF_MAIL = {
    "",
    "",
    "",
    " SIZE=100",
    " SIZE=200000",
    " BODY=8BITMIME",
    " BODY=BINARYMIME",
    " BODY=9BIT",
    " SMTPUTF8",
    " RET=FULL",
    " RET=NONE",
    " ENVID=x",
    " BY=1;R",
    " HOLDFOR=5",
    " SIZE=1 BODY=7BIT",
    " XYZ=1"
  };
  private static final String[] OF_RCPT = {
    "", "", "", " NOTIFY=NEVER", " NOTIFY=SOMETIMES", " ORCPT=rfc822;x@y", " ORCPT=x", " SIZE=1"
  };
  private static final String[] BODIES = {
    "",
    "Subject: x\r\n\r\nhello\r\n",
    "..stuffed\r\n.x\r\n",
    "\r\n",
    "reject-me\r\n",
    "a\r\n\r\n..\r\n",
    "h\u00e9\u00ff\r\n",
    "MAIL FROM:<alice@example.org>\r\nRCPT TO:<one@example.com>\r\n",
    "\ttls TLS_NONE; Thu, 1 Jan 1970 00:00:00 +0000\r\nSubject: x\r\n\r\nx\r\n",
    " x\r\n",
    ".\tx\r\n",
    "leave-me\r\n"
  };
  private static final String[] POISONED_COMMANDS = {
    "NO\0OP", "NOOP\nRSET", "RSET\rNOOP", "\0", "\n"
  };
  private static final String[] POISONED_BODIES = {
    "a\0b\r\n",
    "a\n.\nMAIL FROM:<x@y.example>\r\n",
    "a\n.\r\nb\r\n",
    "a\r\n.\nb\r\n",
    "a\r.\rb\r\n",
    "a\r\n.\rb\r\n",
    "a\r\n.\r\r\nb\r\n",
    "\n"
  };

  @Test
  void areTheSameThroughTheProxy() {
    int delivered = 0;
    int violated = 0;
    int left = 0;
    for (int seed = 0; seed < SESSIONS; seed++) {
      ReferenceServer alone = ReferenceServer.lenient();
      ReferenceServer behind = ReferenceServer.strict();
      Direct direct = new Direct(alone);
      Proxied proxied = new Proxied(behind, seed);
      direct.play(seed);
      proxied.play(seed);
      List<ReferenceServer.Message> expected = alone.messages();
      if (direct.poisoned() && VIOLATION.matcher(proxied.lastReply()).lookingAt()) {
        violated++;
        assertThat(proxied.session.isOver()).isTrue();
        proxied.replies().removeLast();
        compare(seed, direct, proxied, proxied.replies().size());
        long told = proxied.replies().stream().filter(r -> r.contains(" queued as ")).count();
        // a reply to what went before may not have come when the session ended
        expected = expected.subList(0, Math.max((int) told, behind.messages().size()));
        assertThat(behind.messages().size()).isBetween((int) told, (int) told + 1);
      } else {
        compare(seed, direct, proxied, Math.max(direct.replies().size(), proxied.replies().size()));
      }
      assertThat(behind.messages().stream().map(m -> untraced(m)).toList())
          .as("messages of seed %d: %s", seed, direct.script())
          .isEqualTo(expected);
      delivered += expected.size();
      left += proxied.lastReply().startsWith("421") ? 1 : 0;
    }
    assertThat(delivered).as("messages that were compared").isGreaterThan(SESSIONS / 4);
    assertThat(violated).as("sessions that ended for what they sent").isGreaterThan(SESSIONS / 100);
    assertThat(left).as("sessions that the server left").isGreaterThan(SESSIONS / 100);
  }

  /**
   * Before a login everything has its one answer, however it is grouped and cut, and no backend
   * hears of it; the login and a message behind it go as ever.
   */
  @Test
  @Tag("CCO-4.1a")
  void nothingBeforeTheLoginReachesTheBackend() {
    for (int seed = 0; seed < SESSIONS / 10; seed++) {
      Random random = new Random(seed);
      ReferenceServer server = ReferenceServer.strict();
      ProxiedSession session = new ProxiedSession(server, patient());
      StringBuilder octets = new StringBuilder();
      List<String> expected = new ArrayList<>(List.of("220"));
      for (int i = random.nextInt(20); i > 0; i--) {
        String[] drawn = BEFORE_LOGIN[random.nextInt(BEFORE_LOGIN.length)];
        octets.append(drawn[0]).append("\r\n");
        if (drawn[0].startsWith("BDAT")) {
          octets.append("MAIL FROM:<x>\r\n", 0, 10);
        }
        expected.add(drawn[1]);
      }
      for (int at = 0; at < octets.length(); ) {
        int end = Math.min(octets.length(), at + 1 + random.nextInt(40));
        session.send(octets.substring(at, end));
        at = end;
      }
      String said = session.said();
      List<String> codes =
          said.lines().filter(l -> l.charAt(3) == ' ').map(l -> l.substring(0, 3)).toList();
      assertThat(codes).as("seed %d: %s", seed, octets).isEqualTo(expected);
      assertThat(server.hasHeardNothing()).as("seed %d: %s", seed, octets).isTrue();
      session.send("EHLO laptop.example\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n");
      while (session.hear()) {
        // the login
      }
      session.send("MAIL FROM:<alice@example.org>\r\n");
      while (session.hear()) {
        // its answer
      }
      assertThat(session.said()).endsWith("250 2.1.0 alice@example.org\r\n");
    }
  }

  private static void compare(int seed, Client direct, Client proxied, int count) {
    for (int i = 0; i < count; i++) {
      String expected = i < direct.replies().size() ? direct.replies().get(i) : "nothing";
      String actual = i < proxied.replies().size() ? proxied.replies().get(i) : "nothing";
      if (!isSame(expected, actual)) {
        throw new AssertionError(
            "seed %d, reply %d: %s became %s in %s"
                .formatted(seed, i, expected, actual, direct.script()));
      }
    }
  }

  private static boolean isSame(String direct, String proxied) {
    if (direct.equals("250 reference\r\n")) {
      return proxied.equals("250 mail.example.org\r\n");
    }
    if (direct.startsWith("250-reference\r\n")) {
      return EHLO.matcher(proxied).matches();
    }
    return OWN.contains(proxied) ? codes(direct).equals(codes(proxied)) : direct.equals(proxied);
  }

  /** Reply code and enhanced status code. */
  private static String codes(String reply) {
    Matcher codes = CODES.matcher(reply);
    return codes.lookingAt() ? codes.group() : reply;
  }

  /** Checks the field and takes it away. */
  private static ReferenceServer.Message untraced(ReferenceServer.Message m) {
    int end = m.body().indexOf("\r\n");
    while (m.body().startsWith("\t", end + 2)) {
      end = m.body().indexOf("\r\n", end + 2);
    }
    ReceivedGrammar.Said said = ReceivedGrammar.read(m.body().substring(0, end + 2));
    assertThat(said.recipient())
        .as("the for clause of a message to %s", m.recipients())
        .isEqualTo(
            m.recipients().size() == 1 && m.recipients().get(0).contains("@")
                ? "<" + m.recipients().get(0) + ">"
                : "");
    assertThat(said.with()).isEqualTo(m.utf8() ? "UTF8SMTPA" : "ESMTPA");
    return new ReferenceServer.Message(
        m.sender(), m.utf8(), m.recipients(), m.body().substring(end + 2));
  }

  /** A client that draws what it says from its seed, and waits where a client must, or does not. */
  private abstract static class Client {
    private final List<String> replies = new ArrayList<>();
    private final List<String> script = new ArrayList<>();
    private final StringBuilder partial = new StringBuilder();
    private boolean poisoned;

    abstract void send(String octets);

    abstract String said();

    List<String> replies() {
      return replies;
    }

    List<String> script() {
      return script;
    }

    String lastReply() {
      return replies.isEmpty() ? "" : replies.getLast();
    }

    /** Says whether there was something in it that no proxy may pass on. */
    boolean poisoned() {
      return poisoned;
    }

    void play(int seed) {
      Random random = new Random(seed);
      listen();
      replies.clear();
      say("EHLO laptop.example");
      say("AUTH PLAIN AGFsaWNlAHNlY3JldA==");
      for (int group = 1 + random.nextInt(5); group > 0; group--) {
        group(random);
      }
      if (random.nextInt(4) > 0) {
        say("QUIT");
      }
    }

    /**
     * Commands in one piece. Most clients let DATA and EHLO be the last of it (RFC 2920 §3.1), some
     * do not.
     */
    private void group(Random random) {
      StringBuilder octets = new StringBuilder();
      boolean legal = random.nextInt(4) > 0;
      int commands = 1 + random.nextInt(6);
      for (int i = 0; i < commands; i++) {
        int kind = random.nextInt(10);
        if (kind < 3) {
          add(
              "MAIL FROM:"
                  + (random.nextInt(3) > 0 ? SENDERS[0] : any(random, SENDERS))
                  + any(random, OF_MAIL),
              octets);
        } else if (kind < 7) {
          add(
              "RCPT TO:"
                  + (random.nextInt(3) > 0
                      ? RECIPIENTS[random.nextInt(2)]
                      : any(random, RECIPIENTS))
                  + any(random, OF_RCPT),
              octets);
        } else if (kind == 7) {
          String other = any(random, OTHERS);
          add(other, octets);
          if (legal && (other.startsWith("EHLO") || other.startsWith("HELO"))) {
            break;
          }
        } else if (kind == 8) {
          String body = any(random, random.nextInt(20) == 0 ? POISONED_BODIES : BODIES);
          add("BDAT " + body.length() + (random.nextBoolean() ? " LAST" : ""), octets);
          octets.append(body);
        } else if (!legal) {
          add("DATA", octets);
          octets.append(body(random)).append(".\r\n");
        } else if (random.nextInt(20) == 0) {
          poisoned = true;
          add(any(random, POISONED_COMMANDS), octets);
        }
      }
      boolean data = random.nextInt(3) > 0;
      if (data) {
        add("DATA", octets);
      }
      send(octets.toString());
      listen();
      if (data && lastReply().startsWith("354")) {
        String body = body(random);
        send(body + ".\r\n");
        listen();
      }
    }

    private String body(Random random) {
      boolean poison = random.nextInt(20) == 0;
      poisoned |= poison;
      String body = any(random, poison ? POISONED_BODIES : BODIES);
      script.add(body);
      return body;
    }

    private void add(String command, StringBuilder octets) {
      script.add(command);
      octets.append(command).append("\r\n");
    }

    private void say(String command) {
      script.add(command);
      send(command + "\r\n");
      listen();
    }

    /** Takes whole replies. */
    private void listen() {
      for (String line : said().split("(?<=\r\n)")) {
        if (line.isEmpty()) {
          continue;
        }
        partial.append(line);
        if (line.charAt(3) == ' ') {
          replies.add(partial.toString());
          partial.setLength(0);
        }
      }
    }

    private static String any(Random random, String[] of) {
      return of[random.nextInt(of.length)];
    }
  }

  private static final class Direct extends Client {
    private final ReferenceServer server;

    Direct(ReferenceServer server) {
      this.server = server;
    }

    @Override
    void send(String octets) {
      server.send(octets);
    }

    @Override
    String said() {
      return server.said();
    }
  }

  /** Cuts what the client sends anywhere, and delivers the backend's lines when it likes to. */
  private static final class Proxied extends Client {
    private final ProxiedSession session;
    private final Random cuts;

    Proxied(ReferenceServer server, int seed) {
      session = new ProxiedSession(server, patient());
      cuts = new Random(~seed);
    }

    @Override
    void send(String octets) {
      for (int at = 0; at < octets.length(); ) {
        int end = Math.min(octets.length(), at + 1 + cuts.nextInt(cuts.nextBoolean() ? 4 : 60));
        session.send(octets.substring(at, end));
        at = end;
        while (cuts.nextInt(3) == 0 && session.hear()) {
          // as many as it likes
        }
      }
      while (session.hear()) {
        // the rest
      }
    }

    @Override
    String said() {
      return session.said();
    }
  }

  /** No limit on bad commands: a session of bad ones is compared to its end. */
  static Limits patient() {
    Limits d = Limits.DEFAULT;
    return new Limits(
        d.lineLength(),
        d.literalSize(),
        d.literalCount(),
        d.preLoginOctets(),
        1000,
        7,
        d.handshakeDeadline(),
        d.loginDeadline(),
        d.idleTimeout(),
        d.connections(),
        d.connectionsPerAddress(),
        d.handshakesPerAddress(),
        d.failedLoginDelay(),
        d.backendDeadline(),
        d.drainDeadline(),
        d.submission());
  }
}
