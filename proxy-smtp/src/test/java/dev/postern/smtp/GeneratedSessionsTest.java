package dev.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.snapshot.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Sessions of legal and illegal commands, grouped and cut anyhow, once with a server itself and
 * once through the dialogue: the same replies but for the words of those that are the proxy's own,
 * and the same messages but for the trace field. A seed makes a session, so a failure can be seen
 * again.
 */
@Tag("CCO-3.3")
@Tag("CCO-4.3")
class GeneratedSessionsTest {
  private static final int SESSIONS = 10_000;

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
  private static final String[] SENDERS = {
    "<alice@example.org>", "<>", "<bad@example.org>", "alice", "<a b@example.org>", "<x@y.example"
  };
  private static final String[] RECIPIENTS = {
    "<one@example.com>",
    "<two@example.com>",
    "<bad@example.com>",
    "<later@example.com>",
    "<three@[192.0.2.1]>",
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
    "h\u00e9\u00ff\r\n"
  };

  /** One command or body, and whether the reply is worded by the proxy. */
  private record Said(String command, boolean own) {}

  @Test
  void areTheSameThroughTheProxy() {
    int delivered = 0;
    for (int seed = 0; seed < SESSIONS; seed++) {
      ReferenceServer alone = ReferenceServer.lenient();
      ReferenceServer behind = ReferenceServer.strict();
      List<Said> script = new ArrayList<>();
      List<String> direct = new Direct(alone).play(seed, script);
      List<String> proxied = new Proxied(behind, seed).play(seed, new ArrayList<>());
      compare(seed, script, direct, proxied);
      assertThat(behind.messages().stream().map(m -> untraced(m)).toList())
          .as("messages of seed %d: %s", seed, script)
          .isEqualTo(alone.messages());
      delivered += alone.messages().size();
    }
    assertThat(delivered).as("messages that were compared").isGreaterThan(SESSIONS / 3);
  }

  private static void compare(
      int seed, List<Said> script, List<String> direct, List<String> proxied) {
    assertThat(proxied.size())
        .as("replies of seed %d: %s %s", seed, script, proxied)
        .isEqualTo(direct.size());
    for (int i = 0; i < direct.size(); i++) {
      String expected = direct.get(i);
      String actual = proxied.get(i);
      // who refuses a command for its form words the refusal
      boolean own =
          script.get(i).own()
              || expected.startsWith("50")
              || expected.startsWith("552")
              || expected.startsWith("555");
      if (own) {
        expected = expected.substring(0, 3);
        actual = actual.substring(0, 3);
      }
      if (!expected.equals(actual)) {
        throw new AssertionError(
            "seed "
                + seed
                + ", "
                + script.get(i)
                + ": "
                + direct.get(i)
                + " became "
                + proxied.get(i)
                + " in "
                + script);
      }
    }
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
    return new ReferenceServer.Message(m.sender(), m.recipients(), m.body().substring(end + 2));
  }

  /** A client that draws what it says from its seed, and waits where a client must. */
  private abstract static class Client {
    private final List<String> replies = new ArrayList<>();
    private final StringBuilder partial = new StringBuilder();

    abstract void send(String octets);

    abstract String said();

    List<String> play(int seed, List<Said> script) {
      Random random = new Random(seed);
      listen();
      say("EHLO laptop.example", true, script);
      say("AUTH PLAIN AGFsaWNlAHNlY3JldA==", true, script);
      for (int group = 1 + random.nextInt(5); group > 0; group--) {
        group(random, script);
      }
      if (random.nextInt(4) > 0) {
        say("QUIT", true, script);
      }
      return replies.subList(1, replies.size());
    }

    /** Commands in one piece; DATA and EHLO only at its end (RFC 2920 §3.1). */
    private void group(Random random, List<Said> script) {
      StringBuilder octets = new StringBuilder();
      int commands = 1 + random.nextInt(6);
      for (int i = 0; i < commands; i++) {
        int kind = random.nextInt(10);
        if (kind < 3) {
          add(
              "MAIL FROM:"
                  + (random.nextInt(3) > 0 ? SENDERS[0] : any(random, SENDERS))
                  + any(random, OF_MAIL),
              false,
              octets,
              script);
        } else if (kind < 7) {
          add(
              "RCPT TO:"
                  + (random.nextBoolean() ? RECIPIENTS[random.nextInt(2)] : any(random, RECIPIENTS))
                  + any(random, OF_RCPT),
              false,
              octets,
              script);
        } else if (kind == 7) {
          String other = any(random, OTHERS);
          add(other, !other.startsWith("NOOP") && !other.equals("RSET"), octets, script);
          if (other.startsWith("EHLO") || other.startsWith("HELO")) {
            break;
          }
        } else if (kind == 8) {
          String body = any(random, BODIES);
          add(
              "BDAT " + body.length() + (random.nextBoolean() ? " LAST" : ""),
              false,
              octets,
              script);
          octets.append(body);
        }
      }
      boolean data = random.nextInt(3) > 0;
      if (data) {
        add("DATA", false, octets, script);
      }
      send(octets.toString());
      listen();
      if (data && replies.get(replies.size() - 1).startsWith("354")) {
        String body = any(random, BODIES);
        script.add(new Said(body, false));
        send(body + ".\r\n");
        listen();
      }
    }

    private void add(String command, boolean own, StringBuilder octets, List<Said> script) {
      script.add(new Said(command, own));
      octets.append(command).append("\r\n");
    }

    private void say(String command, boolean own, List<Said> script) {
      script.add(new Said(command, own));
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
