package dev.postern.deploy.gate;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
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
  private static final int SESSIONS = Integer.getInteger("postern.test.submissions", 300);
  private static final Account ACCOUNT = Account.BOB;

  /** Fields of the backends, in front of all else. */
  private static final Pattern BACKEND_FIELDS =
      Pattern.compile("Return-Path: <[^>]*>\r\nReceived: from [^\r]*\r\n(?:\t[^\r]*\r\n)*");

  /** Each message has its own number, and one more field through the proxy. */
  private static final Pattern NUMBERS = Pattern.compile("\\d+(?= bytes)|(?<=queued as )\\w+");

  private static final Pattern CODES = Pattern.compile("\\d{3}(?: \\d\\.\\d+\\.\\d+)?");
  private static final Pattern PROTOCOL = Pattern.compile("(?<= with )\\w+(?= id )");
  private static final Pattern VIOLATION =
      Pattern.compile("500 5\\.5\\.2 Lines must .*|550 5\\.6\\.11 .*");

  /**
   * What the proxy says of its own, and the codes of Postfix that it may stand for: the form of a
   * command is looked at before its place, and broken values have one code.
   */
  private static final Map<String, Set<String>> OWN =
      Map.ofEntries(
          Map.entry("221 2.0.0 Bye", Set.of("221 2.0.0")),
          Map.entry("500 5.5.2 Command not recognized", Set.of("500 5.5.2")),
          Map.entry("502 5.5.1 Command not implemented", Set.of("500 5.5.2")),
          Map.entry("501 5.5.4 Invalid domain name or address literal", Set.of("501")),
          Map.entry("501 5.5.4 Invalid arguments", Set.of("501 5.5.4", "501 5.1.7", "503 5.5.1")),
          Map.entry(
              "501 5.5.4 Invalid or repeated parameter",
              Set.of("501 5.5.4", "555 5.5.4", "503 5.5.1", "501 5.1.3", "501 5.1.7")),
          Map.entry(
              "555 5.5.4 Parameter not recognized or not implemented",
              Set.of("555 5.5.4", "503 5.5.1", "501 5.1.3", "501 5.1.7")),
          Map.entry("503 5.5.1 Already authenticated", Set.of("503 5.5.1")),
          Map.entry("503 5.5.1 DATA and BDAT must not be mixed", Set.of("503 5.5.1")),
          Map.entry("503 5.5.1 No recipients after BDAT", Set.of("503 5.5.1")));

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

  /** What ends a session through the proxy; a session with Postfix ends by itself instead. */
  private static final String[] POISONED_COMMANDS = {"NO\0OP", "NOOP\nNOOP", "RSET\rNOOP"};

  private static final String[] POISONED_BODIES = {
    "Subject: nul\r\n\r\na\0b\r\n",
    "Subject: lf\r\n\r\na\nb\r\n",
    "Subject: cr\r\n\r\na\rb\r\n",
    "Subject: smuggled\r\n\r\na\r\n.\rb\r\n"
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
    int violated = 0;
    for (int seed = 0; seed < SESSIONS; seed++) {
      compare(seed, direct.get(seed), proxied.get(seed), differences);
      violated += proxied.get(seed).violated() ? 1 : 0;
    }
    assertThat(differences).isEmpty();
    assertThat(violated).as("sessions that ended for what they sent").isPositive();
    List<String> with = arrived(proxied);
    long utf8 = proxied.stream().mapToLong(Heard::utf8Deliveries).sum();
    assertThat(with.stream().map(m -> untraced(m)).sorted().toList())
        .isEqualTo(without.stream().map(m -> unstamped(m)).sorted().toList());
    assertThat(without).as("messages that were compared").hasSizeGreaterThan(SESSIONS / 4);
    assertThat(with.stream().map(m -> protocol(m)).collect(groupingBy(p -> p, counting())))
        .isEqualTo(Map.of("UTF8SMTPSA", utf8, "ESMTPSA", with.size() - utf8));
  }

  /** Returns what has arrived: as many messages as were accepted for the account. */
  private List<String> arrived(List<Heard> sessions) throws IOException {
    List<String> all = Inbox.settled(backends, ACCOUNT);
    assertThat(all).hasSize(sessions.stream().mapToInt(Heard::deliveries).sum());
    return all;
  }

  private static void compare(int seed, Heard direct, Heard proxied, List<String> differences) {
    for (int i = 0; i < Math.max(direct.replies().size(), proxied.replies().size()); i++) {
      String command = i < direct.said().size() ? direct.said().get(i) : "nothing";
      String expected = i < direct.replies().size() ? direct.replies().get(i) : "none";
      String actual = i < proxied.replies().size() ? proxied.replies().get(i) : "none";
      if (!isSame(expected, actual)) {
        differences.add(
            "seed %d, %s: %s became %s after %s"
                .formatted(seed, command, expected, actual, direct.said().subList(0, i)));
        return;
      }
    }
  }

  /** What is the backend's is the same word for word; what is the proxy's own has codes as good. */
  private static boolean isSame(String direct, String proxied) {
    return direct.equals(proxied)
        || OWN.getOrDefault(proxied, Set.of()).contains(codes(direct))
        || (direct.startsWith("250-mx") && keywords(proxied).equals(offered(keywords(direct))))
        || (proxied.equals("250 mail.example.org") && direct.startsWith("250 mx"));
  }

  /** Of what the backend offers, what the proxy does: all of this Postfix's but for commands. */
  private static Set<String> offered(Set<String> backend) {
    Set<String> offered = new TreeSet<>(backend);
    offered.removeAll(Set.of("VRFY", "ETRN", "XCLIENT"));
    offered.add("DEEP");
    return offered;
  }

  /** What an answer to EHLO lists behind the server's name. */
  private static Set<String> keywords(String answer) {
    return answer
        .lines()
        .skip(1)
        .map(line -> line.substring(4).split(" ")[0])
        .collect(toCollection(TreeSet::new));
  }

  private static String codes(String reply) {
    Matcher codes = CODES.matcher(reply);
    return codes.lookingAt() ? codes.group() : reply;
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

  private static String protocol(String arrived) {
    Matcher with = PROTOCOL.matcher(Arrived.field(arrived));
    assertThat(with.find()).as(arrived).isTrue();
    return with.group();
  }

  /**
   * What was said and heard in a session.
   *
   * @param deliveries how many messages the account gets of it
   * @param utf8Deliveries how many of those were submitted with SMTPUTF8
   */
  private record Heard(
      List<String> said,
      List<String> replies,
      int deliveries,
      int utf8Deliveries,
      boolean violated) {}

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
    private boolean utf8;
    private int deliveries;
    private int utf8Deliveries;
    private int messages;
    private boolean violated;

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
        if (open && random.nextInt(20) == 0) {
          violate(any(POISONED_COMMANDS) + "\r\n");
          open = false;
        }
      }
      if (open) {
        send("QUIT\r\n");
        open = hear("QUIT");
      }
      return new Heard(said, replies, deliveries, utf8Deliveries, violated);
    }

    /** Sends what the proxy takes from nobody; whoever talks to Postfix itself just leaves. */
    private void violate(String octets) throws IOException {
      if (cut) {
        send(octets);
        assertThat(client.reply()).as("seed %d after %s", seed, said).matches(VIOLATION);
        assertThat(client.reply()).as("seed %d: the session is over", seed).isEmpty();
        violated = true;
      }
    }

    /**
     * Commands in one piece. Most clients let DATA and EHLO be the last of it (RFC 2920 §3.1), some
     * do not.
     */
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
      boolean legal = random.nextInt(4) > 0;
      String first = legal ? "(EHLO|HELO) .*" : "HELO .*";
      commands.removeIf(c -> c.matches(first) && !c.equals(commands.getLast()));
      if (last < 5) {
        commands.add("DATA");
        if (!legal) {
          // taken for a message, or for commands, as DATA is answered
          commands.addAll(List.of("RSET", "FROB", "NOOP"));
        }
      } else if (last < 8 && extended && commands.stream().noneMatch(c -> c.startsWith("HELO"))) {
        // after HELO the proxy takes no chunks, Postfix those that it would take after EHLO
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
      send(octets.toString());
      for (String command : commands) {
        if (!hear(command)) {
          return false;
        }
        if (replies.getLast().startsWith("354")) {
          break;
        }
      }
      if (!commands.isEmpty() && replies.getLast().startsWith("354")) {
        if (random.nextInt(12) == 0) {
          violate(any(POISONED_BODIES));
          return false;
        }
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
      String reply = NUMBERS.matcher(client.reply()).replaceAll("N");
      said.add(command);
      replies.add(reply);
      if (command.startsWith("HELO") || command.startsWith("EHLO ")) {
        extended = command.startsWith("E");
      }
      boolean done = reply.startsWith("2");
      if (command.startsWith("RCPT TO:<bob@") && done) {
        forAccount++;
      } else if (command.equals("message") || (command.equals("BDAT LAST") && done)) {
        int delivered = done ? Math.min(1, forAccount) : 0;
        deliveries += delivered;
        utf8Deliveries += utf8 ? delivered : 0;
        forAccount = 0;
      } else if (done
          && (command.equals("RSET") || command.contains("HLO") || command.contains("HELO"))) {
        forAccount = 0;
      } else if (done && command.startsWith("MAIL")) {
        forAccount = 0;
        utf8 = command.endsWith(" SMTPUTF8");
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
