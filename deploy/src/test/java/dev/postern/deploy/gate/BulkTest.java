package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Large things, many things and waiting: what passes after login passes bit for bit and in order.
 */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BulkTest {
  private static final int LARGE = 50 << 20;
  private static final Account ACCOUNT = Account.CAROL;
  private static final String PLAIN =
      Base64.getEncoder()
          .encodeToString(("\0" + ACCOUNT.user() + "\0" + ACCOUNT.password()).getBytes(UTF_8));

  private final MailBackends backends;
  private Gate gate;

  BulkTest(MailBackends backends) {
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

  private Wire imap() throws Exception {
    Wire wire = Wire.tls(gate, "imaps");
    wire.line();
    assertThat(wire.ask("in AUTHENTICATE PLAIN " + PLAIN))
        .startsWith("in OK [CAPABILITY IMAP4rev1 ");
    return wire;
  }

  /** Lines of text of all lengths, CRLF at their ends, dots at the beginning of some. */
  private static byte[] message(int size) {
    StringBuilder out =
        new StringBuilder(size + 1000)
            .append("Subject: large\r\nMessage-ID: <")
            .append(UUID.randomUUID())
            .append("@test>\r\n\r\n");
    Random random = new Random(42);
    while (out.length() < size) {
      out.append(random.nextInt(20) == 0 ? "." : "")
          .append("x0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".repeat(3), 0, random.nextInt(100))
          .append("\r\n");
    }
    return out.toString().getBytes(ISO_8859_1);
  }

  @Test
  void fiftyMebibytesGoInByAppendAndComeBackByFetchAndRetr() throws Exception {
    backends.empty(ACCOUNT);
    byte[] message = message(LARGE);
    try (Wire wire = imap()) {
      assertThat(wire.ask("a APPEND INBOX {" + message.length + "}")).startsWith("+");
      wire.send(message);
      wire.send("\r\n");
      wire.until("a OK");
      wire.send("b SELECT INBOX\r\n").until("b OK");
      String fetch = wire.send("c FETCH 1 BODY.PEEK[]\r\n").until("* 1 FETCH");
      Matcher literal = Pattern.compile("\\{(\\d+)}$").matcher(fetch);
      assertThat(literal.find()).isTrue();
      assertThat(Integer.parseInt(literal.group(1))).isEqualTo(message.length);
      assertThat(wire.octets(message.length)).isEqualTo(message);
      wire.until("c OK");
      assertThat(wire.ask("d NOOP")).startsWith("d OK");
    }
    try (Wire wire = Wire.tls(gate, "pop3s")) {
      wire.line();
      assertThat(wire.ask("AUTH PLAIN " + PLAIN)).startsWith("+OK");
      assertThat(wire.ask("RETR 1")).startsWith("+OK");
      byte[] stuffed =
          new String(message, ISO_8859_1).replace("\r\n.", "\r\n..").getBytes(ISO_8859_1);
      assertThat(wire.octets(stuffed.length)).isEqualTo(stuffed);
      assertThat(wire.line()).isEqualTo(".");
      assertThat(wire.ask("QUIT")).startsWith("+OK");
    }
  }

  @Test
  void aNonSynchronizingLiteralLargerThanAllBuffersPasses() throws Exception {
    byte[] message = message(8 << 20);
    backends.empty(ACCOUNT);
    try (Wire wire = imap()) {
      wire.send("a APPEND INBOX {" + message.length + "+}\r\n");
      wire.send(message);
      wire.send("\r\nb NOOP\r\n");
      wire.until("a OK");
      wire.until("b OK");
      wire.send("c SELECT INBOX\r\n").until("* 1 EXISTS");
      wire.until("c OK");
      wire.send("d FETCH 1 BODY.PEEK[]\r\n").until("* 1 FETCH");
      assertThat(wire.octets(message.length)).isEqualTo(message);
    }
  }

  @Test
  void fiftyMebibytesAreSubmittedBitForBit() throws Exception {
    byte[] message = message(LARGE);
    String text = new String(message, ISO_8859_1);
    String id = text.substring(text.indexOf("<"), text.indexOf(">") + 1);
    try (Wire wire = Wire.tls(gate, "submissions")) {
      wire.line();
      wire.send("EHLO client.example\r\n").until("250 ");
      assertThat(wire.ask("AUTH PLAIN " + PLAIN)).startsWith("235");
      assertThat(wire.ask("MAIL FROM:<carol@example.test> SIZE=" + message.length))
          .startsWith("250");
      assertThat(wire.ask("RCPT TO:<carol@example.test>")).startsWith("250");
      assertThat(wire.ask("DATA")).startsWith("354");
      wire.send(text.replace("\r\n.", "\r\n..").getBytes(ISO_8859_1));
      assertThat(wire.ask(".")).startsWith("250");
      assertThat(wire.ask("QUIT")).startsWith("221");
    }
    String arrived =
        new String(backends.awaitMessage(Duration.ofMinutes(2), ACCOUNT, id), ISO_8859_1);
    Arrived.assertBitExactButForTheTrace(arrived, text);
  }

  @Test
  void idlePassesBothWaysAtOnce() throws Exception {
    backends.empty(ACCOUNT);
    try (Wire wire = imap()) {
      wire.send("a SELECT INBOX\r\n").until("a OK");
      assertThat(wire.ask("b IDLE")).startsWith("+");
      backends.deliver(ACCOUNT, List.of(message(1000)));
      wire.until("* 1 EXISTS");
      wire.send("DONE\r\n").until("b OK");
    }
  }

  @Test
  @Tag("DEEP-7.1a")
  void pipelinedCommandsAndLiteralsOfBothKindsKeepTheirOrder() throws Exception {
    try (Wire wire = imap()) {
      StringBuilder commands = new StringBuilder();
      for (int i = 0; i < 500; i++) {
        String command =
            switch (i % 5) {
              case 0 -> "t%d NOOP\r\n";
              case 1 -> "t%d STATUS {5+}\r\nINBOX (MESSAGES)\r\n";
              case 2 -> "t%d CAPABILITY\r\n";
              case 3 -> "t%d ID (\"name\" \"mine\")\r\n";
              default -> "t%d LIST \"\" {1+}\r\n%%\r\n";
            };
        commands.append(command.formatted(i));
      }
      wire.send(commands.toString());
      for (int i = 0; i < 500; i++) {
        String answer = wire.until("t");
        assertThat(answer).contains("t" + i + " OK");
        if (i % 5 == 2) {
          assertThat(answer)
              .contains("* CAPABILITY IMAP4rev1")
              .contains(" DEEP")
              .doesNotContain("LOGIN-REFERRALS");
        }
        if (i % 5 == 3) {
          assertThat(answer).contains("* ID (").contains("deep-status");
        }
      }
      assertThat(wire.ask("x STATUS {5}")).startsWith("+");
      assertThat(wire.send("INBOX (MESSAGES)\r\n").until("x ")).contains("x OK");
    }
  }

  @Test
  @Tag("DEEP-7.2")
  void pipelinedPop3CommandsKeepTheirOrder() throws Exception {
    backends.empty(ACCOUNT);
    backends.deliver(ACCOUNT, List.of(message(3000), message(500)));
    try (Wire wire = Wire.tls(gate, "pop3s")) {
      wire.line();
      assertThat(wire.ask("AUTH PLAIN " + PLAIN)).startsWith("+OK");
      wire.send(
          "STAT\r\nCAPA\r\nRETR 1\r\nXCLIENT ADDR=203.0.113.20\r\nTOP 2 0\r\nUIDL 1\r\nLIST\r\nNOOP\r\n");
      assertThat(wire.line()).startsWith("+OK 2 ");
      assertThat(wire.multiLine())
          .startsWith("+OK")
          .contains("\nDEEP")
          .doesNotContain("STLS")
          .doesNotContain("SASL");
      assertThat(wire.multiLine()).startsWith("+OK").contains("Subject: large");
      assertThat(wire.line()).startsWith("-ERR");
      assertThat(wire.multiLine()).startsWith("+OK").contains("Subject: large");
      assertThat(wire.line()).startsWith("+OK 1 ");
      assertThat(wire.multiLine()).startsWith("+OK");
      assertThat(wire.line()).startsWith("+OK");
    }
  }
}
