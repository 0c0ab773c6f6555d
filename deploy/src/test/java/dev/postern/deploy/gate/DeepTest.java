package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.SessionEvent;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** DEEP status and reports, at every stage of a session and in all three protocols. */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeepTest {
  private static final String STATUS = "tls12 tls-cert <https://help.example.org/security>";
  private static final String PLAIN =
      Base64.getEncoder()
          .encodeToString(
              ("\0" + Account.ALICE.user() + "\0" + Account.ALICE.password()).getBytes(UTF_8));

  private final MailBackends backends;
  private Gate gate;

  DeepTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    gate =
        Gate.before(
            backends,
            folder,
            "deep: { tags: [tls12, tls-cert], support: \"https://help.example.org/security\" }");
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
  }

  @Test
  @Tag("DEEP-5.1")
  @Tag("DEEP-7.1a")
  @Tag("DEEP-7.1b")
  void imapTellsTheStatusInBothFieldsBeforeAndAfterLogin() throws Exception {
    String status = "\"deep-status\" \"" + STATUS + "\"";
    try (Wire wire = Wire.tls(gate, "imaps")) {
      assertThat(wire.line()).contains(" DEEP").contains(" ID");
      assertThat(
              wire.send(
                      "a ID (\"name\" \"Demo Mail\" \"latch\" \"tls12\" \"latch-fail\" \"tls-cert\")\r\n")
                  .until("a OK"))
          .contains("* ID (")
          .contains(status)
          .contains("\"deep\" \"" + STATUS + "\"");
      SessionEvent.ClientIdentified said =
          gate.await(SessionEvent.ClientIdentified.class, e -> e.fields().containsKey("latch"));
      assertThat(said.fields())
          .containsAllEntriesOf(
              Map.of("name", "Demo Mail", "latch", "tls12", "latch-fail", "tls-cert"));
      assertThat(wire.ask("b AUTHENTICATE PLAIN " + PLAIN)).startsWith("b OK").contains(" DEEP");
      assertThat(wire.send("c CAPABILITY\r\n").until("c OK")).contains(" DEEP");
      assertThat(wire.send("d ID NIL\r\n").until("d OK")).contains(status);
    }
  }

  @Test
  @Tag("DEEP-7.2")
  void pop3TellsTheStatusBeforeAndAfterStlsAndLogin() throws Exception {
    try (Wire plain = Wire.plain(gate, "pop3")) {
      plain.line();
      assertThat(plain.send("CAPA\r\n").multiLine()).contains("\nDEEP " + STATUS + "\n");
      assertThat(plain.ask("STLS")).startsWith("+OK");
      try (Wire wire = plain.secured(gate)) {
        assertThat(wire.send("CAPA\r\n").multiLine()).contains("\nDEEP " + STATUS + "\n");
        assertThat(wire.ask("AUTH PLAIN " + PLAIN)).startsWith("+OK");
        assertThat(wire.send("CAPA\r\n").multiLine()).contains("\nDEEP " + STATUS + "\n");
      }
    }
  }

  @Test
  @Tag("DEEP-7.3a")
  void submissionTellsTheStatusAndTakesReports() throws Exception {
    try (Wire wire = Wire.tls(gate, "submissions")) {
      wire.line();
      assertThat(wire.send("EHLO client.example\r\n").until("250 ")).contains("DEEP " + STATUS);
      assertThat(
              wire.ask(
                  "CLIENT name=demo_submit version=1.5 latch=tls12,tls-cert security-tags=tls13"))
          .startsWith("250");
      assertThat(wire.ask("CLIENT")).startsWith("501");
      assertThat(wire.ask("CLIENT latch=12")).startsWith("501");
      assertThat(
              gate.await(
                      SessionEvent.ClientIdentified.class,
                      e -> "demo_submit".equals(e.fields().get("name")))
                  .fields())
          .containsEntry("version", "1.5")
          .containsEntry("latch", "tls12,tls-cert")
          .containsEntry("security-tags", "tls13");
      assertThat(wire.ask("AUTH PLAIN " + PLAIN)).startsWith("235");
      assertThat(wire.send("EHLO client.example\r\n").until("250 ")).contains("DEEP " + STATUS);
    }
  }

  @Test
  @Tag("CCO-3.4")
  void theProxySaysCloseNotifyBeforeItCloses() throws Exception {
    try (Wire wire = Wire.tls(gate, "imaps")) {
      wire.line();
      wire.send("a LOGOUT\r\n").until("a OK");
      // the TLS engine reports an end without close_notify as an error
      assertThat(wire.line()).isNull();
    }
  }
}
