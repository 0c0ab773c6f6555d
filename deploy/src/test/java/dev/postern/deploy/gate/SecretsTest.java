package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.postern.core.event.SessionEvent;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No credential in anything the process writes, whatever goes wrong with it. */
@WithMailBackends
class SecretsTest {
  private static final String SECRET = "hunter2-Geheimnis";
  private static final String USER = "alice@example.test";
  private static final String PLAIN = base64("\0" + USER + "\0" + SECRET);

  private final MailBackends backends;

  SecretsTest(MailBackends backends) {
    this.backends = backends;
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  @Test
  void nothingWrittenHoldsAPassword(@TempDir Path folder) throws Exception {
    String written;
    try (LogCapture log = new LogCapture(Level.TRACE)) {
      Gate gate = Gate.before(backends, folder, "limits: { failed-login-delay: 10ms }");
      try {
        for (String service : List.of("imaps", "imap")) {
          attempts(
              gate,
              service,
              "a LOGIN " + USER + " " + SECRET,
              "a LOGIN " + USER + " \"" + SECRET + "\"",
              "a LOGIN {18+}\r\n" + USER + " {17+}\r\n" + SECRET,
              "a LOGIN " + USER + " " + SECRET + " more",
              "a LOGIN \"" + SECRET,
              "a AUTHENTICATE PLAIN " + PLAIN,
              "a AUTHENTICATE PLAIN " + PLAIN + "!",
              "a AUTHENTICATE LOGIN " + base64(SECRET),
              "a AUTHENTICATE PLAIN\r\n" + PLAIN,
              "a AUTHENTICATE LOGIN\r\n" + base64(USER) + "\r\n" + base64(SECRET),
              SECRET,
              "a LOGIN " + SECRET + "\n");
        }
        for (String service : List.of("pop3s", "pop3")) {
          attempts(
              gate,
              service,
              "USER " + USER + "\r\nPASS " + SECRET,
              "PASS " + SECRET,
              "AUTH PLAIN " + PLAIN,
              "AUTH PLAIN\r\n" + PLAIN,
              "AUTH LOGIN\r\n" + base64(USER) + "\r\n" + base64(SECRET),
              SECRET,
              "PASS " + SECRET + "\r");
        }
        for (String service : List.of("submissions", "submission")) {
          attempts(
              gate,
              service,
              "EHLO x\r\nAUTH PLAIN " + PLAIN,
              "EHLO x\r\nAUTH PLAIN\r\n" + PLAIN,
              "EHLO x\r\nAUTH LOGIN\r\n" + base64(USER) + "\r\n" + base64(SECRET),
              "EHLO x\r\nAUTH LOGIN " + base64(USER) + "\r\n" + base64(SECRET),
              "EHLO x\r\nAUTH PLAIN " + PLAIN + "!",
              SECRET,
              "EHLO x\r\nAUTH PLAIN " + PLAIN + "\0");
        }
        assertThat(gate.find(SessionEvent.LoginEnded.class, e -> true))
            .as("logins were tried")
            .isPresent();
      } finally {
        gate.close();
      }
      written = log.text() + gate.audit();
    }
    assertThat(written).contains("login").contains(USER);
    assertThat(written).doesNotContain(forms(SECRET));
  }

  /** The client never has it, and to the backend it goes in base64 behind two names. */
  @Test
  @Tag("CCO-4.2b")
  void nothingWrittenHoldsTheMasterUsersPassword(@TempDir Path folder) throws Exception {
    Account master = backends.masterUser();
    Pki.found(folder, "server").ecdsa("main", "mail.example.org", "localhost");
    Pki clients = Pki.found(folder, "clients");
    clients.client("alice", b -> b.subject("CN=Alice").addSanRfc822Name(USER));
    clients.client("ghost", b -> b.subject("CN=Ghost").addSanRfc822Name("ghost@example.test"));
    Files.writeString(folder.resolve("master"), master.password() + "\n");
    String guess = base64(USER + "\0" + master.user() + "\0" + master.password());
    String written;
    try (LogCapture log = new LogCapture(Level.TRACE)) {
      Gate gate =
          Gate.configured(
              backends,
              folder,
              "master-user: { name: %s, password-file: master }".formatted(master.user()),
              """
              listeners:
                - { service: imaps, address: "127.0.0.1:0" }
                - { service: pop3s, address: "127.0.0.1:0" }
              tls: { client-certificates: { authorities: clients-ca.pem, identity: [email] } }
              certificates: [{ name: main, chain: main.pem, key: main.key }]
              limits: { failed-login-delay: 10ms }
              """);
      try {
        for (String certificate : List.of("alice", "ghost")) {
          withCertificate(
              gate,
              "imaps",
              folder.resolve(certificate),
              "a AUTHENTICATE EXTERNAL =\r\nb LOGOUT\r\n");
          withCertificate(
              gate, "pop3s", folder.resolve(certificate), "AUTH EXTERNAL =\r\nQUIT\r\n");
        }
        withCertificate(
            gate,
            "imaps",
            folder.resolve("alice"),
            "a AUTHENTICATE PLAIN " + guess + "\r\nb LOGOUT\r\n");
        withCertificate(
            gate, "pop3s", folder.resolve("alice"), "AUTH PLAIN " + guess + "\r\nQUIT\r\n");
        assertThat(
                gate.all(SessionEvent.LoginEnded.class)
                    .map(e -> e.user() + " " + e.mechanism() + " " + e.outcome().label()))
            .as("logins went both ways, at both services")
            .containsExactlyInAnyOrder(
                USER + " EXTERNAL success",
                USER + " EXTERNAL success",
                "ghost@example.test EXTERNAL refused",
                "ghost@example.test EXTERNAL refused",
                master.user() + " PLAIN denied",
                master.user() + " PLAIN denied");
      } finally {
        gate.close();
      }
      written = log.text() + gate.audit();
    }
    assertThat(written).contains("login").contains(USER);
    assertThat(written).doesNotContain(forms(master.password()));
  }

  private static void withCertificate(Gate gate, String service, Path certificate, String input)
      throws Exception {
    SClient.run(
        input,
        gate.port(service),
        "-quiet",
        "-cert",
        certificate + ".pem",
        "-key",
        certificate + ".key");
  }

  /**
   * Returns a secret as it is, and what it looks like within base 64, whatever stands around it:
   * without the digits that others have a share in, at each of the three alignments.
   */
  private static List<String> forms(String secret) {
    List<String> forms = new ArrayList<>(List.of(secret));
    int octets = secret.getBytes(UTF_8).length;
    for (int before = 0; before < 3; before++) {
      String whole = base64("x".repeat(before) + secret);
      forms.add(whole.substring((before * 8 + 5) / 6, (before + octets) * 8 / 6));
    }
    return forms;
  }

  /** Says each script in a session of its own and waits for the session's end. */
  private static void attempts(Gate gate, String service, String... scripts) throws Exception {
    for (String script : scripts) {
      try (Wire wire =
          service.endsWith("s") ? Wire.tls(gate, service) : Wire.plain(gate, service)) {
        wire.line();
        for (String line : script.split("(?<=\r\n)")) {
          wire.send(line);
        }
        wire.send("\r\n");
        // an exchange that still waits takes the first of these for its response
        wire.send("*\r\nzz LOGOUT\r\nQUIT\r\nzz LOGOUT\r\nQUIT\r\n");
        wire.rest();
      }
    }
  }
}
