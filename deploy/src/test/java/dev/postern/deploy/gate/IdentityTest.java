package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.SessionEvent;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Backends learn who the client is from the proxy, and from nobody else. */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class IdentityTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String PLAIN =
      Base64.getEncoder()
          .encodeToString(
              ("\0" + Account.ALICE.user() + "\0" + Account.ALICE.password()).getBytes(UTF_8));

  private final MailBackends backends;
  private Gate gate;

  IdentityTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    gate = Gate.before(backends, folder);
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
  }

  @Test
  @Tag("DEEP-7.1c")
  @Tag("CCO-8")
  void dovecotLogsTheImapClientAndItsCipherSuite() throws Exception {
    try (Wire wire = Wire.tlsFrom("127.0.0.41", gate, "imaps")) {
      wire.line();
      wire.send(
              "a ID (\"name\" \"Demo Mail\" \"version\" \"1.5\" \"latch\" \"tls10 tls-cert\")\r\n")
          .until("a OK");
      assertThat(wire.ask("b AUTHENTICATE PLAIN " + PLAIN)).startsWith("b OK");
      backends.awaitLog(SOON, "rip=127.0.0.41", session("127.0.0.41"));
      assertThat(backends.awaitLog(SOON, "tls=TLS_", "Demo Mail")).contains("latch=tls10 tls-cert");
    }
  }

  @Test
  void whatAnImapClientSaysOfItselfCannotPassForTheProxy() throws Exception {
    try (Wire wire = Wire.tlsFrom("127.0.0.42", gate, "imaps")) {
      wire.line();
      wire.send(
              "a ID (\"x-originating-ip\" \"203.0.113.9\" \"X-Session-Id\" \"forged-before\" \"tls\" \"FORGED_SUITE\" \"name\" \"x\")\r\n")
          .until("a OK");
      assertThat(wire.ask("b AUTHENTICATE PLAIN " + PLAIN)).startsWith("b OK");
      wire.send(
              "c ID (\"x-originating-ip\" \"203.0.113.10\" \"x-session-id\" {12+}\r\nforged-after \"tls\" \"FORGED_TOO\" \"name\" \"late\")\r\n")
          .until("c ");
      wire.send("d NOOP\r\n").until("d OK");
      backends.awaitLog(SOON, "rip=127.0.0.42", session("127.0.0.42"));
    }
    backends.awaitLog(SOON, "Disconnected", session("127.0.0.42"));
    assertThat(backends.dovecotLog())
        .doesNotContain("203.0.113")
        .doesNotContain("forged")
        .doesNotContain("FORGED");
  }

  @Test
  void dovecotLogsThePop3ClientAndTakesNothingOfItsOwn() throws Exception {
    try (Wire wire = Wire.tlsFrom("127.0.0.43", gate, "pop3s")) {
      wire.line();
      assertThat(wire.ask("XCLIENT ADDR=203.0.113.11 SESSION=forged")).startsWith("-ERR");
      assertThat(wire.ask("AUTH PLAIN " + PLAIN)).startsWith("+OK");
      assertThat(wire.ask("XCLIENT ADDR=203.0.113.12")).startsWith("-ERR");
      assertThat(wire.ask("QUIT")).startsWith("+OK");
    }
    backends.awaitLog(SOON, "rip=127.0.0.43", session("127.0.0.43"));
    assertThat(backends.dovecotLog()).doesNotContain("203.0.113");
  }

  @Test
  void postfixLogsTheClientAndTakesNothingOfItsOwn() throws Exception {
    try (Wire wire = Wire.tlsFrom("127.0.0.44", gate, "submissions")) {
      wire.line();
      wire.send("EHLO client.example\r\n").until("250 ");
      assertThat(wire.ask("XCLIENT ADDR=203.0.113.13 LOGIN=root")).startsWith("5");
      assertThat(wire.ask("AUTH PLAIN " + PLAIN)).startsWith("235");
      assertThat(wire.ask("XCLIENT ADDR=203.0.113.14 LOGIN=root")).startsWith("5");
      assertThat(wire.ask("XFORWARD ADDR=203.0.113.15")).startsWith("5");
      assertThat(wire.ask("MAIL FROM:<alice@example.test>")).startsWith("250");
      assertThat(wire.ask("RCPT TO:<bob@example.test>")).startsWith("250");
      assertThat(wire.ask("RSET")).startsWith("250");
      assertThat(wire.ask("QUIT")).startsWith("221");
    }
    backends.awaitLog(SOON, "127.0.0.44");
    assertThat(backends.postfixLog()).doesNotContain("203.0.113");
  }

  private String session(String address) {
    gate.await(SessionEvent.LoginEnded.class, e -> true);
    return gate.events().stream()
        .filter(h -> h.context().client().getAddress().getHostAddress().equals(address))
        .findFirst()
        .orElseThrow()
        .context()
        .session();
  }
}
