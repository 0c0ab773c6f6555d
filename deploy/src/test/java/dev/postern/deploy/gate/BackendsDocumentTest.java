package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.DocumentedBackends;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What docs/deploy/backends.md tells operators to set works as it stands there. */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BackendsDocumentTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String PLAIN =
      Base64.getEncoder()
          .encodeToString(
              ("\0" + Account.ALICE.user() + "\0" + Account.ALICE.password())
                  .getBytes(StandardCharsets.UTF_8));

  private MailBackends backends;
  private Gate gate;

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    backends = DocumentedBackends.start(Path.of("..", "docs", "deploy", "backends.md"));
    gate = Gate.before(backends, folder);
  }

  @AfterAll
  void close() throws Exception {
    if (gate != null) {
      gate.close();
    }
    if (backends != null) {
      backends.close();
    }
  }

  @Test
  void dovecotLetsUsersInOverImapAndLearnsWhoTheyAre() throws Exception {
    try (Wire wire = Wire.tlsFrom("127.0.0.81", gate, "imaps")) {
      wire.line();
      assertThat(wire.ask("a AUTHENTICATE PLAIN " + PLAIN)).startsWith("a OK");
      assertThat(wire.ask("b LOGOUT")).startsWith("* BYE");
    }
    backends.awaitLog(SOON, "imap-login: Info: Login", Account.ALICE.user(), "rip=127.0.0.81");
  }

  @Test
  void dovecotLetsUsersInOverPop3AndLearnsWhoTheyAre() throws Exception {
    try (Wire wire = Wire.tlsFrom("127.0.0.82", gate, "pop3s")) {
      wire.line();
      assertThat(wire.ask("AUTH PLAIN " + PLAIN)).startsWith("+OK");
      assertThat(wire.ask("QUIT")).startsWith("+OK");
    }
    backends.awaitLog(SOON, "pop3-login: Info: Login", Account.ALICE.user(), "rip=127.0.0.82");
  }

  @Test
  void postfixTakesMailOfUsersAndLearnsWhoTheyAre() throws Exception {
    String id = "<documented-" + UUID.randomUUID() + "@test>";
    try (Wire wire = Wire.tlsFrom("127.0.0.83", gate, "submissions")) {
      wire.line();
      wire.send("EHLO client.example\r\n").until("250 ");
      assertThat(wire.ask("AUTH PLAIN " + PLAIN)).startsWith("235");
      assertThat(wire.ask("MAIL FROM:<alice@example.test>")).startsWith("250");
      assertThat(wire.ask("RCPT TO:<bob@example.test>")).startsWith("250");
      assertThat(wire.ask("DATA")).startsWith("354");
      assertThat(wire.ask("Message-ID: " + id + "\r\nSubject: documented\r\n\r\nHello\r\n."))
          .startsWith("250");
      assertThat(wire.ask("QUIT")).startsWith("221");
    }
    backends.awaitMessage(SOON, Account.BOB, id);
    backends.awaitLog(
        SOON, "postfix/submission/smtpd", "client=", "[127.0.0.83]", Account.ALICE.user());
  }

  @Test
  void postfixTakesNoMailFromTheProxyItselfUnlessAUserHasLoggedIn() throws Exception {
    InetSocketAddress postfix = backends.submission();
    try (Socket socket = new Socket(postfix.getAddress(), postfix.getPort())) {
      socket.setSoTimeout((int) SOON.toMillis());
      BufferedReader in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(in.readLine()).startsWith("220");
      for (String command : List.of("HELO proxy.example", "MAIL FROM:<alice@example.test>")) {
        assertThat(ask(socket, in, command)).startsWith("250");
      }
      assertThat(ask(socket, in, "RCPT TO:<bob@example.test>")).startsWith("554 5.7.1");
    }
  }

  private static String ask(Socket socket, BufferedReader in, String command) throws IOException {
    socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
    return in.readLine();
  }
}
