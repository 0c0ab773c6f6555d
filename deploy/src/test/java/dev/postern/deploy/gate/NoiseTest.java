package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.SessionEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Some thousand sessions of random octets and of broken commands: none leaks, none is stuck, none
 * is worth an error log.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NoiseTest {
  private static final String[] WORDS = {
    "a ",
    "b1 ",
    "* ",
    "LOGIN ",
    "AUTHENTICATE ",
    "PLAIN ",
    "LOGIN ",
    "AGFsaWNlAHNlY3JldA==",
    "alice ",
    "\"",
    "\\",
    "{5}",
    "{5+}",
    "{99999999999}",
    "(",
    ")",
    "ID ",
    "NIL ",
    "CAPABILITY",
    "NOOP",
    "STARTTLS",
    "STLS",
    "USER ",
    "PASS ",
    "AUTH ",
    "CAPA",
    "QUIT",
    "EHLO ",
    "HELO ",
    "MAIL FROM:<>",
    "RCPT TO:<a@b>",
    "DATA",
    "BDAT 5 LAST",
    "RSET",
    "CLIENT name=",
    "XCLIENT ADDR=1",
    "LOGOUT",
    "=",
    " ",
    "\0",
    "\r",
    "\n",
    "\u00e9\u00ff",
    ".",
    "\r\n.\r\n"
  };

  private ScriptedServer imap;
  private ScriptedServer pop3;
  private ScriptedServer smtp;
  private LogCapture log;
  private Gate gate;

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    imap = ScriptedServer.imap();
    pop3 = ScriptedServer.pop3();
    smtp = ScriptedServer.smtp();
    log = new LogCapture(Level.WARN);
    gate =
        Gate.before(
            "plain",
            imap.address(),
            pop3.address(),
            "plain",
            smtp.address(),
            folder,
            // everybody may log in without TLS, so that noise reaches the whole dialogue
            """
            limits: { failed-login-delay: 0s, connections-per-address: 10000 }
            policy: { rules: [ { name: open, reason: test, when: { protection: cleartext }, then: allow } ] }
            """);
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
    imap.close();
    pop3.close();
    smtp.close();
    log.close();
    assertThat(log.atLeast(Level.ERROR)).isEmpty();
    assertThat(gate.find(SessionEvent.Ended.class, e -> e.reason() == EndReason.INTERNAL))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "imap, 700",
    "pop3, 700",
    "submission, 700",
    "imaps, 300",
    "pop3s, 300",
    "submissions, 300"
  })
  void leavesNothingBehind(String service, int sessions) throws Exception {
    Random random = new Random(service.hashCode());
    for (int i = 0; i < sessions; i++) {
      // raw noise on a TLS port ends in the handshake
      try (Wire wire = Wire.plain(gate, service)) {
        int pieces = 1 + random.nextInt(3);
        for (int piece = 0; piece < pieces; piece++) {
          wire.send(noise(random));
        }
        if (random.nextBoolean()) {
          wire.socket().shutdownOutput();
        }
      } catch (IOException closedOrReset) {
        // the proxy may close whenever it likes
      }
    }
    Awaitility.await("no session is stuck")
        .atMost(Duration.ofSeconds(60))
        .until(() -> gate.server().connections() == 0);
    try (Wire wire = service.endsWith("s") ? Wire.tls(gate, service) : Wire.plain(gate, service)) {
      assertThat(wire.line()).matches("(\\* OK|\\+OK|220) .*");
    }
  }

  private static byte[] noise(Random random) {
    if (random.nextInt(3) == 0) {
      byte[] octets = new byte[random.nextInt(400)];
      random.nextBytes(octets);
      return octets;
    }
    StringBuilder out = new StringBuilder();
    for (int line = random.nextInt(6); line >= 0; line--) {
      for (int word = random.nextInt(5); word >= 0; word--) {
        out.append(WORDS[random.nextInt(WORDS.length)]);
      }
      out.append("\r\n");
    }
    return out.toString().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}
