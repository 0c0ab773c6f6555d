package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The proxy's own limits on mail, over real sockets and in front of a Postfix that has larger ones.
 */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("CCO-3.3")
class MessageLimitsTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Account ACCOUNT = Account.CAROL;
  private static final int RECIPIENTS = 100;
  private static final int KIBIBYTE = 1024;
  private static final int LARGEST = 64 * KIBIBYTE;
  private static final String TOO_LARGE = "552 5.3.4 Message too large";

  private final MailBackends backends;
  private Gate gate;
  private String id;
  private int mark;

  MessageLimitsTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    gate =
        Gate.submission(
            backends.postfixProfile(),
            backends.submission(),
            folder,
            "limits: { recipients: 100, messages: 2, message-size: 64KiB }",
            unchanged -> unchanged);
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
  }

  @BeforeEach
  void begin() {
    id = "<limits-" + UUID.randomUUID() + "@test>";
    mark = gate.mark();
  }

  /** A mail program sends to the others once more; it must not have to to the first hundred. */
  @Test
  void theRecipientBeyondTheLastIsRefusedAndTheOthersGetTheMessage() throws Exception {
    String domain = UUID.randomUUID() + ".example";
    StringBuilder group = new StringBuilder("MAIL FROM:<" + ACCOUNT.user() + ">\r\n");
    IntStream.rangeClosed(1, RECIPIENTS + 1)
        .forEach(
            i -> group.append("RCPT TO:<r").append(i).append('@').append(domain).append(">\r\n"));
    try (SmtpClient client = SmtpClient.through(gate).loggedIn(ACCOUNT)) {
      client.say(group + "DATA\r\n");
      assertThat(client.reply()).startsWith("250 2.1.0 ");
      for (int i = 0; i < RECIPIENTS; i++) {
        assertThat(client.reply()).startsWith("250 2.1.5 ");
      }
      assertThat(client.reply()).startsWith("452 4.5.3 ");
      assertThat(client.reply()).startsWith("354 ");
      assertThat(client.ask("Message-ID: " + id + "\r\n\r\nx\r\n.")).startsWith("250 2.0.0 ");
      assertThat(client.ask("QUIT")).startsWith("221 ");
    }
    assertTold(Limit.RECIPIENTS);
    assertThat(gate.awaitSince(mark, SessionEvent.Submitted.class, s -> s.accepted()).recipients())
        .isEqualTo(RECIPIENTS);
    Awaitility.await("all delivered").atMost(SOON).until(() -> sent(domain) >= RECIPIENTS);
    Inbox.settled(backends, ACCOUNT);
    assertThat(sent(domain)).isEqualTo(RECIPIENTS);
    assertThat(backends.postfixLog()).doesNotContain("<r" + (RECIPIENTS + 1) + "@" + domain);
  }

  private long sent(String domain) {
    return backends
        .postfixLog()
        .lines()
        .filter(line -> line.contains("@" + domain + ">") && line.contains("status=sent"))
        .count();
  }

  @Test
  void theMessageBeyondTheLastMustComeInASessionOfItsOwn() throws Exception {
    try (SmtpClient client = SmtpClient.through(gate).loggedIn(ACCOUNT)) {
      for (int i = 0; i < 2; i++) {
        client.envelope(ACCOUNT.user(), ACCOUNT.user());
        assertThat(client.ask("DATA")).startsWith("354 ");
        assertThat(client.ask("Message-ID: " + id + "\r\n\r\nx\r\n.")).startsWith("250 ");
      }
      assertThat(client.ask("MAIL FROM:<" + ACCOUNT.user() + ">")).startsWith("421 4.7.0 ");
      assertThat(client.reply()).as("the session is over").isEmpty();
    }
    assertTold(Limit.MESSAGES);
    assertThat(arrived()).isEqualTo(2);
  }

  /** Without this the others would prove nothing. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theLargestMessageArrives(boolean chunked) throws Exception {
    try (SmtpClient client = begun()) {
      String message = message(LARGEST);
      if (chunked) {
        client.say("BDAT " + LARGEST + " LAST\r\n" + message);
      } else {
        assertThat(client.ask("DATA")).startsWith("354 ");
        client.say(message + ".\r\n");
      }
      assertThat(client.reply()).startsWith("250 2.0.0 ");
    }
    assertThat(arrived()).isEqualTo(1);
  }

  /** Heard out, it hears what is wrong. */
  @ParameterizedTest
  @CsvSource({"65, false", "65, true", "128, false", "128, true"})
  void aLargerOneIsRefusedAtItsEnd(int kibibytes, boolean chunked) throws Exception {
    try (SmtpClient client = begun()) {
      String message = message(kibibytes * KIBIBYTE);
      if (chunked) {
        client.say("BDAT " + message.length() + " LAST\r\n" + message);
      } else {
        assertThat(client.ask("DATA")).startsWith("354 ");
        client.say(message + ".\r\n");
      }
      assertRefused(client);
    }
    assertNothingArrived();
  }

  /** By one octet, in chunks of which each is small enough. */
  @Test
  void whatIsTooLargeByItsLastChunkIsRefused() throws Exception {
    try (SmtpClient client = begun()) {
      String message = message(LARGEST + 1);
      int half = LARGEST / 2;
      assertThat(client.say("BDAT " + half + "\r\n" + message.substring(0, half)).reply())
          .startsWith("250 ");
      client.say("BDAT " + (half + 1) + " LAST\r\n" + message.substring(half));
      assertRefused(client);
    }
    assertNothingArrived();
  }

  /** Beyond all measure: the refusal does not wait for the end, which never comes here. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aHugeOneIsRefusedBeforeItsEnd(boolean chunked) throws Exception {
    try (SmtpClient client = begun()) {
      String message = message(KIBIBYTE * KIBIBYTE);
      if (chunked) {
        client.say("BDAT " + message.length() + " LAST\r\n" + message.substring(0, KIBIBYTE));
      } else {
        assertThat(client.ask("DATA")).startsWith("354 ");
        client.say(message.substring(0, 2 * LARGEST + KIBIBYTE));
      }
      assertRefused(client);
    }
    assertNothingArrived();
  }

  /** The refusal must not be lost for what nobody wants to read any more. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoListensOnlyAtItsEndHearsTheRefusalOfAHugeOneToo(boolean chunked) throws Exception {
    try (SmtpClient client = begun()) {
      String message = message(256 * KIBIBYTE);
      if (chunked) {
        client.say("BDAT " + message.length() + " LAST\r\n" + message);
      } else {
        assertThat(client.ask("DATA")).startsWith("354 ");
        client.say(message + ".\r\n");
      }
      assertRefused(client);
    }
    assertNothingArrived();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whoGoesOnSendingAHugeOneHearsTheRefusal(boolean chunked) throws Exception {
    try (SmtpClient client = begun()) {
      String message = message(KIBIBYTE * KIBIBYTE);
      if (chunked) {
        client.say("BDAT " + message.length() + " LAST\r\n");
      } else {
        assertThat(client.ask("DATA")).startsWith("354 ");
      }
      Thread sending =
          new Thread(
              () -> {
                try {
                  client.say(message + (chunked ? "" : ".\r\n"));
                } catch (IOException cutOff) {
                  // it has gone on for too long
                }
              });
      sending.start();
      assertRefused(client);
      sending.join();
    }
    assertNothingArrived();
  }

  /** What says itself that it is too large costs nothing but a reply. */
  @Test
  void aSizeThatIsDeclaredIsRefusedAndTheSessionGoesOn() throws Exception {
    try (SmtpClient client = SmtpClient.through(gate)) {
      assertThat(client.ask("EHLO laptop.example")).contains("SIZE " + LARGEST + "\n");
      assertThat(client.login(ACCOUNT)).startsWith("235 ");
      String mail = "MAIL FROM:<" + ACCOUNT.user() + "> SIZE=";
      assertThat(client.ask(mail + (LARGEST + 1))).isEqualTo(TOO_LARGE);
      assertThat(client.ask(mail + LARGEST)).startsWith("250 2.1.0 ");
    }
  }

  private SmtpClient begun() throws Exception {
    return SmtpClient.through(gate).loggedIn(ACCOUNT).envelope(ACCOUNT.user(), ACCOUNT.user());
  }

  /** Returns a message of that many octets. */
  private String message(int octets) {
    String header = "Message-ID: " + id + "\r\n\r\n";
    String line = "x".repeat(70) + "\r\n";
    int left = octets - header.length();
    int odd = line.length() + left % line.length();
    return header + line.repeat((left - odd) / line.length()) + "y".repeat(odd - 2) + "\r\n";
  }

  private void assertRefused(SmtpClient client) throws IOException {
    assertThat(client.reply()).isEqualTo(TOO_LARGE);
    assertThat(client.reply()).as("the session is over").isEmpty();
  }

  private void assertNothingArrived() throws IOException {
    assertTold(Limit.MESSAGE_SIZE);
    SessionEvent.Submitted refused =
        gate.awaitSince(mark, SessionEvent.Submitted.class, submitted -> true);
    assertThat(refused.accepted()).isFalse();
    assertThat(refused.reply()).isEqualTo(552);
    assertThat(arrived()).isZero();
  }

  /** Once, and no other. */
  private void assertTold(Limit limit) {
    Awaitility.await("the session is over")
        .atMost(SOON)
        .until(() -> gate.server().connections() == 0);
    assertThat(gate.all(SessionEvent.LimitReached.class).skip(toldBefore()))
        .containsExactly(new SessionEvent.LimitReached(limit));
  }

  private long toldBefore() {
    return gate.events().stream()
        .limit(mark)
        .filter(heard -> heard.event() instanceof SessionEvent.LimitReached)
        .count();
  }

  private long arrived() throws IOException {
    return Inbox.settled(backends, ACCOUNT).stream().filter(m -> m.contains(id)).count();
  }
}
