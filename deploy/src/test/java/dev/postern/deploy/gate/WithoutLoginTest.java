package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.SessionEvent;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Devices that cannot log in, let in by a rule for their network, in front of a real Postfix. */
@WithMailBackends
class WithoutLoginTest {
  private static final Duration PATIENCE = Duration.ofMinutes(20);
  private static final int PER_SESSION =
      Integer.getInteger("postern.test.messages-per-session", 250);

  private final MailBackends backends;
  @TempDir private Path folder;

  WithoutLoginTest(MailBackends backends) {
    this.backends = backends;
  }

  @Test
  @Tag("CCO-4.1e")
  void theBackendHearsTheAddressAndDecides() throws Exception {
    try (Gate gate = gate("127.0.0.0/8", backends.submissionForDevices());
        Wire stranger = Wire.plainFrom("127.0.0.3", gate, "submission");
        Wire wire = Wire.plainFrom("127.0.0.2", gate, "submission")) {
      // the proxy itself, as 127.0.0.1, would be let in
      greeted(stranger);
      assertThat(stranger.ask("MAIL FROM:<scanner@example.test>")).startsWith("250 ");
      assertThat(stranger.ask("RCPT TO:<alice@example.test>")).startsWith("554 5.7.1 ");

      assertThat(greeted(wire)).doesNotContain("AUTH");
      assertThat(wire.ask("MAIL FROM:<scanner@example.test>")).startsWith("250 ");
      assertThat(wire.ask("RCPT TO:<alice@example.test>")).startsWith("250 ");
      String id = "<" + UUID.randomUUID() + "@device>";
      assertThat(wire.ask("DATA")).startsWith("354 ");
      assertThat(wire.ask("Message-ID: " + id + "\r\n\r\nscan\r\n.")).startsWith("250 ");
      assertThat(wire.ask("QUIT")).startsWith("221 ");
      String arrived =
          new String(backends.awaitMessage(Duration.ofSeconds(30), Account.ALICE, id), ISO_8859_1);
      assertThat(Arrived.field(arrived)).contains(" with ESMTP id ").doesNotContain(" tls ");
      SessionEvent.LoginWaived waived = gate.await(SessionEvent.LoginWaived.class, e -> true);
      assertThat(waived.decision().rule()).isEqualTo("devices");
      Awaitility.await().until(() -> gate.audit().contains("\"event\":\"login-waived\""));
    }
  }

  /**
   * The limit on what comes before a login is not for what only waits until the client is let in.
   */
  @Test
  @Tag("CCO-4.1e")
  void aLargeMessageMayComeWithTheFirstCommand() throws Exception {
    String id = "<" + UUID.randomUUID() + "@device>";
    String message = "Message-ID: " + id + "\r\n\r\n" + "scan of a page\r\n".repeat(20_000);
    try (Gate gate = gate("127.0.0.0/8", backends.submissionForDevices());
        Wire wire = Wire.plainFrom("127.0.0.2", gate, "submission")) {
      greeted(wire);
      wire.send(
          "MAIL FROM:<scanner@example.test>\r\nRCPT TO:<alice@example.test>\r\nBDAT "
              + message.length()
              + " LAST\r\n"
              + message);
      assertThat(wire.line()).startsWith("250 2.1.0 ");
      assertThat(wire.line()).startsWith("250 2.1.5 ");
      assertThat(wire.line()).startsWith("250 2.0.0 ");
      backends.awaitMessage(Duration.ofSeconds(30), Account.ALICE, id);
    }
  }

  @Test
  @Tag("CCO-4.1e")
  void theBackendsRefusalIsPassedOn() throws Exception {
    try (Gate gate = gate("127.0.0.0/8", backends.submission());
        Wire wire = Wire.plain(gate, "submission")) {
      greeted(wire);
      assertThat(wire.ask("MAIL FROM:<scanner@example.test>")).startsWith("250 ");
      assertThat(wire.ask("RCPT TO:<alice@example.test>")).startsWith("554 5.7.1 ");
    }
  }

  @Test
  @Tag("CCO-4.1a")
  void nobodyElseSends() throws Exception {
    try (Gate gate = gate("192.0.2.0/24", backends.submissionForDevices());
        Wire wire = Wire.plain(gate, "submission")) {
      greeted(wire);
      assertThat(wire.ask("MAIL FROM:<scanner@example.test>"))
          .startsWith("530 5.7.0 Must issue a STARTTLS command first");
      assertThat(gate.all(SessionEvent.BackendConnected.class)).isEmpty();
    }
  }

  /** A session for each message. */
  @Test
  @Tag("CCO-3.3")
  void smtpSourceSendsFiveThousandMessagesInTwentySessionsAtATime() throws Exception {
    source(5_000, 5_000, 1);
  }

  @Test
  @Tag("CCO-3.3")
  void smtpSourceSendsManyMessagesInEachOfTwentySessions() throws Exception {
    source(20, 20 * PER_SESSION, 1, "-d");
  }

  @Test
  @Tag("CCO-3.3")
  void smtpSourceSendsToManyRecipients() throws Exception {
    source(20, 1_000, 3, "-d");
  }

  private void source(int sessions, int messages, int recipients, String... more) throws Exception {
    String domain = UUID.randomUUID() + ".example";
    try (Gate gate = gate("127.0.0.1", backends.submissionForDevices())) {
      List<String> words = new ArrayList<>(List.of(program(), "-s", "20", "-l", "2000"));
      words.addAll(List.of("-m", Integer.toString(messages), "-r", Integer.toString(recipients)));
      words.addAll(List.of("-f", "source@example.test", "-t", "sink@" + domain));
      words.addAll(List.of(more));
      words.add("127.0.0.1:" + gate.port("submission"));
      Command done = Command.run(PATIENCE, "", words.toArray(String[]::new));
      assertThat(done.exit()).as(done.out() + done.err()).isZero();
      assertThat(gate.all(SessionEvent.LoginWaived.class)).hasSize(sessions);
      assertThat(gate.all(SessionEvent.Submitted.class))
          .hasSize(messages)
          .allMatch(s -> s.accepted() && s.recipients() == recipients);
      assertThat(gate.all(SessionEvent.BackendFailed.class)).isEmpty();
      Awaitility.await("all delivered").atMost(PATIENCE).until(backends::isPostfixIdle);
      assertThat(delivered(domain)).isEqualTo((long) messages * recipients);
    }
  }

  private long delivered(String domain) {
    return backends
        .postfixLog()
        .lines()
        .filter(line -> line.contains("@" + domain + ">") && line.contains("status=sent"))
        .count();
  }

  private static String greeted(Wire wire) throws Exception {
    wire.line();
    return wire.send("EHLO scanner.example\r\n").until("250 ");
  }

  private Gate gate(String network, InetSocketAddress submission) throws Exception {
    return Gate.before(
        backends.dovecotProfile(),
        backends.imap(),
        backends.pop3(),
        backends.postfixProfile(),
        submission,
        folder,
        """
        policy:
          rules:
            - name: devices
              reason: cannot log in
              until: 2099-12-31
              when: { services: [submission], networks: [%s], protection: cleartext }
              then: allow
              without-login: true
        """
            .formatted(network));
  }

  /** The program comes with Postfix, and lies where {@code PATH} may not lead. */
  private static String program() {
    Optional<Path> found =
        List.of("/usr/sbin", "/usr/lib/postfix/sbin", "/usr/libexec/postfix").stream()
            .map(place -> Path.of(place, "smtp-source"))
            .filter(Files::isExecutable)
            .findFirst();
    return found.map(Path::toString).orElse("smtp-source");
  }
}
