package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.postern.core.event.SessionEvent;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
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
    // whole, encoded alone, and encoded behind the user at each of the three alignments of base 64
    assertThat(written)
        .doesNotContain(SECRET)
        .doesNotContain(base64(SECRET).replace("=", ""))
        .doesNotContain(PLAIN)
        .doesNotContain(base64("x" + SECRET).substring(4, 20))
        .doesNotContain(base64("xy" + SECRET).substring(4, 20));
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
