package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sessions of legal and illegal commands, grouped and cut anyhow, once with Postfix itself and once
 * through the proxy over TLS: the same replies but for those that are the proxy's own, and the same
 * messages but for the trace field. A seed makes a session, so a failure can be seen again.
 */
@WithMailBackends
@Tag("CCO-3.3")
@Tag("CCO-4.3")
class GeneratedSubmissionsTest {
  private static final int SESSIONS = 300;
  private static final Account ACCOUNT = Account.BOB;

  /** Fields of the backends, in front of all else. */
  private static final Pattern BACKEND_FIELDS =
      Pattern.compile("Return-Path: <[^>]*>\r\nReceived: from [^\r]*\r\n(?:\t[^\r]*\r\n)*");

  private static final String[] OTHERS = {
    "RSET",
    "RSET",
    "NOOP",
    "NOOP one",
    "noop",
    "FROB",
    "EHLO again.example",
    "EHLO",
    "HELO old.example",
    "AUTH PLAIN",
    "EXPN list",
    "BURL imap://x/y LAST",
    ""
  };

  private static final String[] SENDERS = {
    "<alice@example.org>", "<alice@example.org>", "<>", "<a b@example.org>", "<x@y.example"
  };
  private static final String[] RECIPIENTS = {
    "<bob@example.test>",
    "<bob@example.test>",
    "<bob@example.test>",
    "<nobody@example.test>",
    "<one@example.com>",
    "<>"
  };

  /** No SIZE that is too large: Postfix 3.7 holds it against the next MAIL, too. */
  private static final String[] OF_MAIL = {
    "",
    "",
    "",
    "",
    " SIZE=100",
    " SIZE=1000000",
    " BODY=8BITMIME",
    " BODY=7BIT",
    " BODY=BINARYMIME",
    " BODY=9BIT",
    " SMTPUTF8",
    " RET=HDRS",
    " RET=NONE",
    " ENVID=x",
    " XYZ=1"
  };

  private static final String[] OF_RCPT = {
    "", "", "", "", " NOTIFY=NEVER", " NOTIFY=SOMETIMES", " ORCPT=rfc822;x@y.example", " SIZE=1"
  };
  private static final String[] BODIES = {
    "Subject: x\r\n\r\nhello\r\n",
    "Subject: stuffed\r\n\r\n..stuffed\r\n.x\r\n",
    "Subject: x\r\n\r\n",
    "Subject: bytes\r\n\r\nh\u00e9\u00ff\r\n\r\n\r\n",
    "Subject: folded\r\n field\r\n\r\n" + "line of text\r\n".repeat(200)
  };

  private final MailBackends backends;

  GeneratedSubmissionsTest(MailBackends backends) {
    this.backends = backends;
  }

  @Test
  void areTheSameThroughTheProxy(@TempDir Path folder) throws Exception {
    List<Heard> direct = new ArrayList<>();
    backends.empty(ACCOUNT);
    for (int seed = 0; seed < SESSIONS; seed++) {
      try (SmtpClient client = SmtpClient.direct(backends.submission())) {
        direct.add(new Play(client, seed, false).toItsEnd());
      }
    }
    List<String> without = arrived(direct);
    List<Heard> proxied = new ArrayList<>();
    backends.empty(ACCOUNT);
    try (Gate gate =
        Gate.submission(
            backends.postfixProfile(),
            backends.submission(),
            folder,
            "limits: { bad-commands: 1000 }",
            unchanged -> unchanged)) {
      for (int seed = 0; seed < SESSIONS; seed++) {
        try (SmtpClient client = SmtpClient.through(gate)) {
          proxied.add(new Play(client, seed, true).toItsEnd());
        }
      }
    }
    List<String> differences = new ArrayList<>();
    for (int seed = 0; seed < SESSIONS; seed++) {
      compare(seed, direct.get(seed), proxied.get(seed), differences);
    }
    assertThat(differences).isEmpty();
    List<String> with = arrived(proxied);
    assertThat(with.stream().map(m -> untraced(m)).sorted().toList())
        .isEqualTo(without.stream().map(m -> unstamped(m)).sorted().toList());
    assertThat(without).as("messages that were compared").hasSizeGreaterThan(SESSIONS / 3);
  }

  /** Waits for as many messages as were accepted for the account. */
  private List<String> arrived(List<Heard> sessions) {
    int expected = sessions.stream().mapToInt(Heard::deliveries).sum();
    List<String> all = Inbox.await(backends, ACCOUNT, expected);
    assertThat(all).hasSize(expected);
    return all;
  }

  private static void compare(int seed, Heard direct, Heard proxied, List<String> differences) {
    for (int i = 0; i < Math.max(direct.replies().size(), proxied.replies().size()); i++) {
      String command = i < direct.said().size() ? direct.said().get(i) : "nothing";
      String expected = i < direct.replies().size() ? code(direct.replies().get(i)) : "none";
      String actual = i < proxied.replies().size() ? code(proxied.replies().get(i)) : "none";
      if (!kind(expected).equals(kind(actual))) {
        differences.add(
            "seed %d, %s: %s became %s after %s"
                .formatted(seed, command, expected, actual, direct.said().subList(0, i)));
        return;
      }
    }
  }

  private static String code(String reply) {
    return reply.isEmpty() ? "end" : reply.substring(0, 3);
  }

  /** Who refuses a command for its form has its own code for that. */
  private static String kind(String code) {
    return code.startsWith("50") || code.equals("555") ? "malformed" : code;
  }

  private static String unstamped(String arrived) {
    Matcher fields = BACKEND_FIELDS.matcher(arrived);
    assertThat(fields.lookingAt()).as(arrived).isTrue();
    return arrived.substring(fields.end());
  }

  private static String untraced(String arrived) {
    String field = Arrived.field(arrived);
    return arrived.substring(arrived.indexOf(field) + field.length());
  }

  /** What was said and heard in a session, and how many messages the account gets of it. */
  private record Heard(List<String> said, List<String> replies, int deliveries) {}

  /** A client that draws what it says from its seed, and waits where a client must. */
  private static final class Play {
    private final SmtpClient client;
    private final int seed;
    private final boolean cut;
    private final Random random;
    private final Random cuts;
    private final List<String> said = new ArrayList<>();
    private final List<String> replies = new ArrayList<>();
    private boolean extended = true;
    private int forAccount;
    private int deliveries;
    private int messages;

    Play(SmtpClient client, int seed, boolean cut) {
      this.client = client;
      this.seed = seed;
      this.cut = cut;
      this.random = new Random(seed);
      this.cuts = new Random(~seed);
    }

    Heard toItsEnd() throws IOException {
      client.loggedIn(ACCOUNT);
      boolean open = true;
      for (int group = 1 + random.nextInt(4); group > 0 && open; group--) {
        open = group();
      }
      if (open) {
        said.add("QUIT");
        send("QUIT\r\n");
        open = hear("QUIT");
      }
      return new Heard(said, replies, deliveries);
    }

    /** Commands in one piece; DATA and EHLO only at its end (RFC 2920 §3.1). */
    private boolean group() throws IOException {
      List<String> commands = new ArrayList<>();
      StringBuilder octets = new StringBuilder();
      int last = random.nextInt(10);
      if (random.nextInt(4) > 0) {
        commands.add("MAIL FROM:" + any(SENDERS) + parameters(OF_MAIL));
      }
      for (int i = random.nextInt(4); i > 0; i--) {
        commands.add("RCPT TO:" + any(RECIPIENTS) + parameters(OF_RCPT));
      }
      if (random.nextInt(4) == 0) {
        commands.add(random.nextInt(commands.size() + 1), any(OTHERS));
      }
      commands.removeIf(c -> c.matches("(EHLO|HELO) .*") && !c.equals(commands.getLast()));
      if (last < 5) {
        commands.add("DATA");
      } else if (last < 8) {
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
          commands.add("BDAT" + (i == 1 && random.nextInt(4) > 0 ? " LAST" : ""));
        }
      }
      for (String command : commands) {
        if (command.startsWith("BDAT")) {
          String body = body();
          octets.append(command.replace("BDAT", "BDAT " + body.length())).append("\r\n");
          octets.append(body);
        } else {
          octets.append(command).append("\r\n");
        }
      }
      said.addAll(commands);
      send(octets.toString());
      for (String command : commands) {
        if (!hear(command)) {
          return false;
        }
      }
      if (!commands.isEmpty() && replies.getLast().startsWith("354")) {
        said.add("message");
        send(body() + ".\r\n");
        return hear("message");
      }
      return true;
    }

    private String body() {
      return "Message-ID: <%d.%d@generated.test>\r\n".formatted(seed, messages++) + any(BODIES);
    }

    private void send(String octets) throws IOException {
      int at = 0;
      while (cut && at < octets.length() - 1 && cuts.nextInt(8) > 0) {
        int end = Math.min(octets.length(), at + 1 + cuts.nextInt(cuts.nextBoolean() ? 4 : 60));
        client.say(octets.substring(at, end));
        at = end;
      }
      client.say(octets.substring(at));
    }

    /** Takes a reply; keeps count of what the account will get. */
    private boolean hear(String command) throws IOException {
      String reply = client.reply();
      replies.add(reply);
      if (command.startsWith("HELO") || command.startsWith("EHLO ")) {
        extended = command.startsWith("E");
      }
      boolean done = reply.startsWith("2");
      if (command.startsWith("RCPT TO:<bob@") && done) {
        forAccount++;
      } else if (command.equals("message") || (command.equals("BDAT LAST") && done)) {
        deliveries += done ? Math.min(1, forAccount) : 0;
        forAccount = 0;
      } else if (done
          && (command.equals("RSET") || command.contains("HLO") || command.contains("HELO"))) {
        forAccount = 0;
      } else if (done && command.startsWith("MAIL")) {
        forAccount = 0;
      }
      return !reply.isEmpty() && !reply.startsWith("421") && !reply.startsWith("221");
    }

    /** After HELO the proxy takes none, Postfix those that it would take after EHLO. */
    private String parameters(String[] of) {
      String drawn = any(of);
      return extended ? drawn : "";
    }

    private String any(String[] of) {
      return of[random.nextInt(of.length)];
    }
  }
}
