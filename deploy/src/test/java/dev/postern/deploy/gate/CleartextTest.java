package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.SessionEvent;
import dev.postern.core.wire.WireViolation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What is possible without TLS: capability discovery, leaving, and starting TLS. No backend ever
 * hears of the rest.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CleartextTest {
  private static final String RIGHT = sasl("alice@example.test", "right");
  private static final String WRONG = sasl("alice@example.test", "wrong");
  private static final String UNKNOWN = sasl("nobody@example.test", "right");

  private static final Set<String> PROBES =
      Set.of(
          "I ID (\"x-session-id\" \"postern-probe\")",
          "Q LOGOUT",
          "CAPA",
          "EHLO mail.example.org",
          "QUIT");

  private ScriptedServer imap;
  private ScriptedServer pop3;
  private ScriptedServer smtp;
  private Gate gate;

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    imap = ScriptedServer.imap();
    pop3 = ScriptedServer.pop3();
    smtp = ScriptedServer.smtp();
    gate =
        Gate.before("plain", imap.address(), pop3.address(), "plain", smtp.address(), folder, "");
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
    imap.close();
    pop3.close();
    smtp.close();
  }

  /** What the proxy asks of its own accord, and asks again every minute, is all they hear. */
  private void assertNoBackendHasHeardOfIt() {
    Awaitility.await("sessions are over")
        .atMost(Duration.ofSeconds(30))
        .until(() -> gate.server().connections() == 0);
    assertThat(gate.all(SessionEvent.BackendConnected.class)).isEmpty();
    assertThat(Stream.of(imap, pop3, smtp).flatMap(backend -> backend.heard().stream()))
        .isNotEmpty()
        .allMatch(PROBES::contains);
  }

  private static String sasl(String user, String password) {
    return Base64.getEncoder().encodeToString(("\0" + user + "\0" + password).getBytes(UTF_8));
  }

  @Test
  @Tag("CCO-4.1b")
  @Tag("DEEP-9.1c")
  @Tag("CCO-4.1a")
  @Tag("CARD-3")
  void imapDeniesEveryLoginWithTheSameOctets() throws Exception {
    try (Wire wire = Wire.plain(gate, "imap")) {
      assertThat(wire.line())
          .contains("STARTTLS")
          .contains("LOGINDISABLED")
          .doesNotContain("AUTH=");
      List<String> answers = new ArrayList<>();
      for (String attempt :
          List.of(
              "a LOGIN alice@example.test right",
              "a LOGIN alice@example.test wrong",
              "a LOGIN nobody@example.test right",
              "a LOGIN \"alice@example.test\" \"right\"",
              "a AUTHENTICATE PLAIN " + RIGHT,
              "a AUTHENTICATE PLAIN " + WRONG,
              "a AUTHENTICATE PLAIN " + UNKNOWN,
              "a AUTHENTICATE LOGIN")) {
        answers.add(wire.ask(attempt));
      }
      assertThat(answers)
          .allMatch(a -> a.startsWith("a NO [PRIVACYREQUIRED] "))
          .containsOnly(answers.get(0));
      assertThat(wire.ask("b NOOP")).startsWith("b OK");
    }
    assertNoBackendHasHeardOfIt();
  }

  @Test
  @Tag("CCO-4.1b")
  @Tag("DEEP-9.1c")
  @Tag("CCO-4.1a")
  @Tag("CARD-3")
  void pop3DeniesEveryLoginWithTheSameOctets() throws Exception {
    try (Wire wire = Wire.plain(gate, "pop3")) {
      assertThat(wire.line()).startsWith("+OK");
      assertThat(wire.send("CAPA\r\n").until("."))
          .contains("STLS")
          .doesNotContain("USER")
          .doesNotContain("SASL");
      List<String> answers = new ArrayList<>();
      for (String attempt :
          List.of(
              "USER alice@example.test",
              "USER nobody@example.test",
              "PASS right",
              "PASS wrong",
              "AUTH PLAIN " + RIGHT,
              "AUTH PLAIN " + WRONG,
              "AUTH PLAIN " + UNKNOWN,
              "AUTH PLAIN",
              "AUTH LOGIN")) {
        answers.add(wire.ask(attempt));
      }
      assertThat(answers)
          .allMatch(a -> a.startsWith("-ERR [SYS/PERM] "))
          .containsOnly(answers.get(0));
    }
    assertNoBackendHasHeardOfIt();
  }

  @Test
  @Tag("CCO-4.1b")
  @Tag("DEEP-9.1c")
  @Tag("CCO-4.1a")
  @Tag("CARD-3")
  void submissionDeniesEveryLoginWithTheSameOctets() throws Exception {
    try (Wire wire = Wire.plain(gate, "submission")) {
      assertThat(wire.line()).startsWith("220 mail.example.org ");
      assertThat(wire.send("EHLO client\r\n").until("250 "))
          .contains("STARTTLS")
          .doesNotContain("AUTH");
      List<String> answers = new ArrayList<>();
      for (String attempt :
          List.of(
              "AUTH PLAIN " + RIGHT,
              "AUTH PLAIN " + WRONG,
              "AUTH PLAIN " + UNKNOWN,
              "AUTH PLAIN",
              "AUTH LOGIN")) {
        answers.add(wire.ask(attempt));
      }
      assertThat(answers).allMatch(a -> a.startsWith("538 5.7.11 ")).containsOnly(answers.get(0));
      assertThat(wire.ask("MAIL FROM:<alice@example.test>"))
          .startsWith("530 5.7.0 Must issue a STARTTLS command first");
    }
    assertNoBackendHasHeardOfIt();
  }

  @ParameterizedTest
  @CsvSource({
    "imap, a STARTTLS, b LOGIN alice right, a BAD ",
    "pop3, STLS, USER alice, -ERR ",
    "submission, STARTTLS, EHLO evil, 501 5.5.4 "
  })
  void plaintextBehindStartTlsInOneSegmentIsRefusedAndTheSessionOver(
      String service, String command, String injected, String refusal) throws Exception {
    try (Wire wire = Wire.plain(gate, service)) {
      greeting(wire, service);
      wire.send(command + "\r\n" + injected + "\r\n");
      assertThat(wire.rest()).startsWith(refusal).doesNotContain("<reset>");
      gate.await(
          SessionEvent.Violated.class,
          v -> v.violation() == WireViolation.PLAINTEXT_BEHIND_STARTTLS);
    }
    assertNoBackendHasHeardOfIt();
  }

  @ParameterizedTest
  @CsvSource({
    "imap, a STARTTLS, b LOGIN alice right, a OK ",
    "pop3, STLS, USER alice, +OK ",
    "submission, STARTTLS, EHLO evil, 220 "
  })
  void plaintextBehindStartTlsInSeveralSegmentsIsNeverInterpreted(
      String service, String command, String injected, String accepted) throws Exception {
    int before = gate.events().size();
    try (Wire wire = Wire.plain(gate, service)) {
      greeting(wire, service);
      assertThat(wire.ask(command)).startsWith(accepted);
      wire.send(injected.substring(0, 3));
      wire.send(injected.substring(3) + "\r\n");
      assertThat(wire.rest()).doesNotContain("b OK").doesNotContain("+OK").doesNotContain("250");
    }
    gate.await(SessionEvent.TlsFailed.class, e -> true);
    assertThat(gate.events().subList(before, gate.events().size()))
        .noneMatch(heard -> heard.event() instanceof SessionEvent.LoginDecided);
    assertNoBackendHasHeardOfIt();
  }

  private static void greeting(Wire wire, String service) throws Exception {
    wire.line();
    if (service.equals("submission")) {
      wire.send("EHLO client\r\n").until("250 ");
    }
  }

  @ParameterizedTest
  @CsvSource({"imap, a STARTTLS, a BAD", "pop3, STLS, -ERR", "submission, STARTTLS, 503 5.5.1"})
  void aSecondStartTlsIsRefused(String service, String command, String refusal) throws Exception {
    try (Wire plain = Wire.plain(gate, service)) {
      greeting(plain, service);
      plain.ask(command);
      try (Wire wire = plain.secured(gate)) {
        if (service.equals("submission")) {
          assertThat(wire.send("EHLO client\r\n").until("250 "))
              .contains("AUTH PLAIN")
              .doesNotContain("STARTTLS");
        }
        assertThat(wire.ask(command)).startsWith(refusal);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"imap", "pop3", "submission"})
  void anotherProtocolIsSentAwayAtItsFirstLine(String service) throws Exception {
    try (Wire wire = Wire.plain(gate, service)) {
      wire.line();
      wire.send("POST / HTTP/1.1\r\nHost: localhost\r\n\r\nEHLO x\r\nSTARTTLS\r\n");
      String rest = wire.rest();
      assertThat(rest.isEmpty() || rest.startsWith("421 ")).as(rest).isTrue();
      gate.await(SessionEvent.Violated.class, v -> v.violation() == WireViolation.FOREIGN_PROTOCOL);
    }
  }
}
