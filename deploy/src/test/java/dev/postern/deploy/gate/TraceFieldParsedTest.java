package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import jakarta.mail.Header;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MailDateFormat;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.text.ParsePosition;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.Date;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The trace field as somebody else's parser reads it, whatever the client calls itself. Names are
 * octets: ISO 8859-1 here.
 */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("CCO-4.3")
class TraceFieldParsedTest {
  private final MailBackends backends;
  private Gate gate;

  TraceFieldParsedTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    gate =
        Gate.submission(
            backends.postfixProfile(), backends.submission(), folder, "", unchanged -> unchanged);
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
  }

  static String[] names() {
    return new String[] {
      "laptop.example",
      "x",
      "-",
      ".",
      "my_pc",
      "a..b",
      "192.0.2.1",
      "[192.0.2.1]",
      "[999.0.2.1]",
      "[IPv6:2001:db8::1]",
      "[",
      "[]",
      "\"quoted\"",
      "a@b.example",
      "<a@b.example>",
      "x;y",
      ";",
      ":",
      "(comment)",
      "a(b",
      "a)b",
      "a)(;Bcc:b",
      "a\\",
      "a\\)Bcc:b",
      "=?utf-8?q?x?=",
      "Received:x",
      utf8("m\u00fcller.example"),
      utf8("\ud83d\udce7"),
      "\u00ff\u00fe",
      "x".repeat(63) + ".example",
      "abcdefghi.".repeat(26).substring(0, 255),
      "x".repeat(255),
      "(".repeat(255),
      utf8("\u00fc").repeat(127),
    };
  }

  private static String utf8(String text) {
    return new String(text.getBytes(UTF_8), ISO_8859_1);
  }

  @ParameterizedTest
  @MethodSource("names")
  void isReadByJakartaMail(String name) throws Exception {
    String id = "<" + UUID.randomUUID() + "@trace.test>";
    Instant before = Instant.now();
    try (SmtpClient client = SmtpClient.through(gate)) {
      assertThat(client.ask("EHLO " + name)).startsWith("250-");
      assertThat(client.login(Account.ALICE)).startsWith("235 ");
      send(client, id);
    }
    assertFieldIsReadable(id, before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "EHLO",
        "EHLO ",
        "EHLO two words",
        "EHLO x\ty",
        "EHLO x\u0001",
        "EHLO x\u007f",
        "EHLO x\u001b[0m"
      })
  void namesThatAreNoneAreRefusedAndLeaveNoTrace(String line) throws Exception {
    String id = "<" + UUID.randomUUID() + "@trace.test>";
    Instant before = Instant.now();
    try (SmtpClient client = SmtpClient.through(gate)) {
      assertThat(client.ask(line)).startsWith("50");
      assertThat(client.ask("EHLO laptop.example")).startsWith("250-");
      assertThat(client.login(Account.ALICE)).startsWith("235 ");
      // once more, where the backend could hear it
      assertThat(client.ask(line)).startsWith("50");
      send(client, id);
    }
    assertThat(assertFieldIsReadable(id, before)).startsWith("from laptop.example (");
  }

  @ParameterizedTest
  @ValueSource(strings = {"EHLO x\nBcc: y", "EHLO x\rBcc: y", "EHLO x\0y", "EHLO x\r\r\nBcc: y"})
  void lineEndsWithinANameEndTheSession(String line) throws Exception {
    try (SmtpClient client = SmtpClient.through(gate)) {
      assertThat(client.ask(line)).startsWith("500 5.5.2 ");
      assertThat(client.reply()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {256, 300, 4000})
  void namesThatAreTooLongAreRefused(int length) throws Exception {
    try (SmtpClient client = SmtpClient.through(gate)) {
      assertThat(client.ask("EHLO " + "x".repeat(length))).startsWith("501 ");
    }
  }

  private static void send(SmtpClient client, String id) throws Exception {
    client.envelope(Account.ALICE.user(), Account.ALICE.user());
    assertThat(client.ask("DATA")).startsWith("354 ");
    assertThat(client.ask(message(id) + ".")).startsWith("250 ");
  }

  private static String message(String id) {
    return "Message-ID: " + id + "\r\nSubject: x\r\n\r\nhello\r\n";
  }

  /** Returns the field, unfolded. */
  private String assertFieldIsReadable(String id, Instant before) throws Exception {
    byte[] arrived = backends.awaitMessage(Duration.ofSeconds(30), Account.ALICE, id);
    Arrived.assertBitExactButForTheTrace(new String(arrived, ISO_8859_1), message(id));
    InternetHeaders headers = new InternetHeaders(new ByteArrayInputStream(arrived));
    assertThat(Collections.list(headers.getAllHeaders()))
        .extracting(Header::getName)
        .containsExactly("Return-Path", "Received", "Received", "Message-ID", "Subject");
    String folded = headers.getHeader("Received")[1];
    assertThat(folded.lines()).allMatch(line -> line.length() <= 998);
    String field = MimeUtility.unfold(folded);
    assertThat(field).doesNotContain("\r").doesNotContain("\n").matches("[ -~\t]+");
    assertThat(field.chars().filter(c -> c == ';').count()).isPositive();
    assertThat(field).contains("for <" + Account.ALICE.user() + ">");
    String text = field.substring(field.lastIndexOf(';') + 1);
    ParsePosition at = new ParsePosition(0);
    Date date = new MailDateFormat().parse(text, at);
    assertThat(date).as("date in %s", field).isNotNull();
    assertThat(text.substring(at.getIndex())).isBlank();
    assertThat(date.toInstant()).isBetween(before.minusSeconds(1), Instant.now());
    return field;
  }
}
