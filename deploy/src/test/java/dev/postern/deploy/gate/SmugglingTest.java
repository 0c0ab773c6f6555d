package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.SessionEvent;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One message with a whole second transaction in it, behind something that some server takes for
 * the end of data, on its way to a Postfix that has no protection of its own. Postfix logs the
 * Message-ID of whatever it takes, so that its log tells what it took for a message.
 */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("CCO-3.3")
class SmugglingTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** What may look like the end of data to somebody. */
  enum Ending {
    LF_LF("\n.\n", true),
    LF_CRLF("\n.\r\n", true),
    CRLF_LF("\r\n.\n", true),
    CR_CR("\r.\r", false),
    CR_CRLF("\r.\r\n", false),
    CRLF_CR("\r\n.\r", false),
    CRLF_CRCRLF("\r\n.\r\r\n", true),
    CRCRLF_CRLF("\r\r\n.\r\n", true),
    CRLF_NUL_CRLF("\r\n.\0\r\n", false),
    NUL_CRLF("\r\n\0.\r\n", false),
    CR_NUL_LF("\r\n.\r\0\n", false);

    private final String octets;
    private final boolean believed;

    Ending(String octets, boolean believed) {
      this.octets = octets;
      this.believed = believed;
    }
  }

  private final MailBackends backends;
  private Gate gate;

  SmugglingTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    backends.empty(Account.CAROL);
    gate =
        Gate.submission(
            backends.postfixProfile(),
            backends.submission(),
            folder,
            """
            policy:
              rules:
                - name: mended
                  reason: test
                  when: { networks: [127.0.0.9], protection: tls }
                  then: allow
                  bare-newlines: normalize
            """,
            configuration -> configuration);
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
  }

  /** Without this the other tests would prove nothing. */
  @ParameterizedTest
  @EnumSource(Ending.class)
  void theServerItselfBelievesSomeOfThem(Ending ending) throws Exception {
    String carrier = id();
    String smuggled = id();
    Predicate<String> log = backends.postfixLogFromNow();
    try (SmtpClient client = SmtpClient.direct(backends.submission()).loggedIn(Account.CAROL)) {
      begin(client);
      client.say(carrying(carrier, ending, smuggled) + "\r\n.\r\nQUIT\r\n");
      client.wire().rest();
    }
    String marker = deliverMarker();
    assertThat(took(log, smuggled)).as("%s before %s", smuggled, marker).isEqualTo(ending.believed);
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void noneOfThemPassesHoweverItIsCut(Ending ending) throws Exception {
    // cut nowhere, or before the octet of that number
    for (int cut = 0; cut <= ending.octets.length(); cut++) {
      String carrier = id();
      String smuggled = id();
      Predicate<String> log = backends.postfixLogFromNow();
      long before = violations();
      try (SmtpClient client = SmtpClient.through(gate).loggedIn(Account.CAROL)) {
        begin(client);
        String octets = carrying(carrier, ending, smuggled);
        int at = octets.indexOf(ending.octets) + cut;
        if (cut == 0) {
          client.say(octets + "\r\n.\r\n");
        } else {
          client.say(octets.substring(0, at)).say(octets.substring(at) + "\r\n.\r\n");
        }
        assertThat(client.reply()).as("cut at %d", cut).startsWith("550 5.6.11 ");
        assertThat(client.reply()).as("the session is over").isEmpty();
      }
      assertThat(violations()).as("cut at %d", cut).isEqualTo(before + 1);
      Awaitility.await("audit").atMost(SOON).until(() -> audited() == violations());
      List<String> arrived = Inbox.settled(backends, Account.CAROL);
      assertThat(took(log, smuggled)).as("cut at %d", cut).isFalse();
      assertThat(arrived).as("cut at %d", cut).noneMatch(m -> m.contains(carrier));
    }
  }

  /** The one that is left out has a true end behind its first CR, and ends the message rightly. */
  @ParameterizedTest
  @EnumSource(value = Ending.class, mode = EnumSource.Mode.EXCLUDE, names = "CRCRLF_CRLF")
  void noneOfThemEndsAMessageThatIsMended(Ending ending) throws Exception {
    for (int cut = 0; cut <= ending.octets.length(); cut++) {
      String carrier = id();
      String smuggled = id();
      Predicate<String> log = backends.postfixLogFromNow();
      boolean nul = ending.octets.contains("\0");
      long violatedBefore = violations();
      long mendedBefore = gate.all(SessionEvent.Normalized.class).count();
      try (SmtpClient client = SmtpClient.throughFrom("127.0.0.9", gate).loggedIn(Account.CAROL)) {
        begin(client);
        String octets = carrying(carrier, ending, smuggled);
        int at = octets.indexOf(ending.octets) + cut;
        client.say(octets.substring(0, at)).say(octets.substring(at) + "\r\n.\r\n");
        String verdict = client.reply();
        assertThat(verdict).as("cut at %d", cut).startsWith(nul ? "550 5.6.11 " : "250 ");
        if (!nul) {
          assertThat(client.ask("QUIT")).startsWith("221 ");
        }
      }
      deliverMarker();
      assertThat(took(log, smuggled)).as("cut at %d", cut).isFalse();
      assertThat(violations()).isEqualTo(violatedBefore + (nul ? 1 : 0));
      assertThat(gate.all(SessionEvent.Normalized.class).count())
          .isEqualTo(mendedBefore + (nul ? 0 : 1));
      if (!nul) {
        byte[] arrived = backends.awaitMessage(SOON, Account.CAROL, carrier);
        assertThat(new String(arrived, UTF_8)).contains(smuggled).contains("\r\nend of carrier");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Ending.class)
  void aChunkEndsWhereItsSizeSays(Ending ending) throws Exception {
    String carrier = id();
    String smuggled = id();
    Predicate<String> log = backends.postfixLogFromNow();
    try (SmtpClient client = SmtpClient.through(gate).loggedIn(Account.CAROL)) {
      client.envelope(Account.CAROL.user(), Account.CAROL.user());
      String octets = carrying(carrier, ending, smuggled) + "\r\n.\r\nMAIL FROM:<x@y.example>\r\n";
      client.say("BDAT " + octets.length() + " LAST\r\n" + octets + "NOOP\r\n");
      assertThat(client.reply()).startsWith("250 2.0.0 Ok: ");
      assertThat(client.reply()).startsWith("250 2.0.0 Ok");
      assertThat(client.ask("QUIT")).startsWith("221 ");
    }
    deliverMarker();
    backends.awaitMessage(SOON, Account.CAROL, carrier);
    assertThat(took(log, smuggled)).isFalse();
  }

  /** A line of the client's must not become part of what the proxy says of it. */
  @ParameterizedTest
  @CsvSource({"DATA, ''", "DATA, .", "BDAT, ''"})
  @Tag("CCO-4.3")
  void nothingIsAddedToTheTraceField(String how, String stuffed) throws Exception {
    String id = id();
    String message = "\ttls TLS_FORGED; Thu, 1 Jan 1970 00:00:00 +0000\r\n\r\n" + id + "\r\n";
    try (SmtpClient client = SmtpClient.through(gate).loggedIn(Account.CAROL)) {
      client.envelope(Account.CAROL.user(), Account.CAROL.user());
      if (how.equals("DATA")) {
        assertThat(client.ask("DATA")).startsWith("354 ");
        client.say(stuffed + message + ".\r\n");
      } else {
        client.say("BDAT " + message.length() + " LAST\r\n" + message);
      }
      assertThat(client.reply()).startsWith("250 ");
      assertThat(client.ask("QUIT")).startsWith("221 ");
    }
    String arrived =
        Inbox.settled(backends, Account.CAROL).stream()
            .filter(m -> m.contains(id))
            .findFirst()
            .orElseThrow();
    assertThat(Arrived.field(arrived)).doesNotContain("FORGED");
    Arrived.assertBitExactButForTheTrace(arrived, "\r\n" + message);
  }

  /** What follows the true end in one write is commands, not more of the message, and not lost. */
  @Test
  void whatFollowsTheTrueEndIsATransactionOfItsOwn() throws Exception {
    String first = id();
    String second = id();
    try (SmtpClient client = SmtpClient.through(gate).loggedIn(Account.CAROL)) {
      begin(client);
      client.say(message(first) + ".\r\n" + envelope() + "DATA\r\n");
      assertThat(client.reply()).startsWith("250 2.0.0 ");
      assertThat(client.reply()).startsWith("250 2.1.0 ");
      assertThat(client.reply()).startsWith("250 2.1.5 ");
      assertThat(client.reply()).startsWith("354 ");
      assertThat(client.ask(message(second) + ".")).startsWith("250 2.0.0 ");
    }
    backends.awaitMessage(SOON, Account.CAROL, first);
    backends.awaitMessage(SOON, Account.CAROL, second);
  }

  private static void begin(SmtpClient client) throws IOException {
    client.envelope(Account.CAROL.user(), Account.CAROL.user());
    assertThat(client.ask("DATA")).startsWith("354 ");
  }

  private static String carrying(String carrier, Ending ending, String smuggled) {
    return "Message-ID: "
        + carrier
        + "\r\n\r\nfirst"
        + ending.octets
        + envelope()
        + "DATA\r\n"
        + message(smuggled)
        + "end of carrier";
  }

  private static String envelope() {
    return "MAIL FROM:<%1$s>\r\nRCPT TO:<%1$s>\r\n".formatted(Account.CAROL.user());
  }

  private static String message(String id) {
    return "Message-ID: " + id + "\r\n\r\nhello\r\n";
  }

  private static String id() {
    return "<" + UUID.randomUUID() + "@smuggling.test>";
  }

  /** Whatever came before this message has been taken, or never will be. */
  private String deliverMarker() throws Exception {
    String marker = id();
    try (SmtpClient client = SmtpClient.through(gate).loggedIn(Account.CAROL)) {
      begin(client);
      assertThat(client.ask(message(marker) + ".")).startsWith("250 ");
    }
    backends.awaitMessage(SOON, Account.CAROL, marker);
    return marker;
  }

  /** Says whether Postfix has taken something for a message of that Message-ID. */
  private static boolean took(Predicate<String> log, String id) {
    return log.test("message-id=" + id);
  }

  private long audited() {
    return gate.audit().lines().filter(line -> line.contains("\"event\":\"violated\"")).count();
  }

  private long violations() {
    return gate.all(SessionEvent.Violated.class).count();
  }
}
