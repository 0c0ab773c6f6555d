package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import dev.postern.core.event.SessionEvent;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.Session;
import jakarta.mail.Store;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The main job: read and send over each of the six services, with Jakarta Mail and with curl. */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SixServicesTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Pattern WITH_AND_ID = Pattern.compile(" with (\\w+) id (\\w+)");

  private final MailBackends backends;
  private Gate gate;

  SixServicesTest(MailBackends backends) {
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

  @ParameterizedTest
  @CsvSource({"imaps, imap", "imap, imap", "pop3s, pop3", "pop3, pop3"})
  @Tag("CCO-3.1")
  @Tag("CCO-3.2")
  @Tag("CCO-4a")
  @Tag("CARD-5")
  @Tag("CARD-3")
  void jakartaMailReads(String service, String protocol) throws Exception {
    backends.empty(Account.BOB);
    byte[] message = message("read-" + UUID.randomUUID() + "@test", "read over " + service);
    backends.deliver(Account.BOB, java.util.List.of(message));
    Properties p = properties(service, protocol);
    try (Store store = Session.getInstance(p).getStore(protocol)) {
      store.connect("localhost", gate.port(service), Account.BOB.user(), Account.BOB.password());
      try (Folder inbox = store.getFolder("INBOX")) {
        inbox.open(Folder.READ_ONLY);
        assertThat(inbox.getMessageCount()).isEqualTo(1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        inbox.getMessage(1).writeTo(out);
        assertThat(out.toString(ISO_8859_1)).endsWith(new String(message, ISO_8859_1));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"submissions", "submission"})
  @Tag("CCO-3.3")
  @Tag("CCO-4.3")
  @Tag("CARD-4")
  @Tag("CCO-4a")
  @Tag("CARD-3")
  @Tag("CARD-5")
  void jakartaMailSendsAndTheMessageArrivesBitForBit(String service) throws Exception {
    String id = "<send-" + UUID.randomUUID() + "@test>";
    byte[] sent = message(id.substring(1, id.length() - 1), "sent over " + service);
    Session session = Session.getInstance(properties(service, "smtp"));
    try (Transport transport = session.getTransport("smtp")) {
      transport.connect(
          "localhost", gate.port(service), Account.ALICE.user(), Account.ALICE.password());
      Message mail = new MimeMessage(session, new ByteArrayInputStream(sent));
      transport.sendMessage(mail, new InternetAddress[] {new InternetAddress(Account.BOB.user())});
    }
    String arrived = new String(backends.awaitMessage(SOON, Account.BOB, id), ISO_8859_1);
    Arrived.assertBitExactButForTheTrace(arrived, new String(sent, ISO_8859_1));
    String field = Arrived.field(arrived);
    SessionEvent.Submitted submitted =
        gate.await(SessionEvent.Submitted.class, SessionEvent.Submitted::accepted);
    assertThat(submitted.recipients()).isEqualTo(1);
    assertThat(field)
        .contains("by mail.example.org (Postern) with ESMTPSA id ")
        .contains("for <bob@example.test>")
        .containsPattern("tls TLS_[A-Z0-9_]+ group [A-Za-z0-9]+;");
  }

  /** And a message that needs UTF-8 says so. */
  @Test
  @Tag("CCO-4.3")
  void theTraceFieldsIdIsTheSessionsInAuditAndLogToo() throws Exception {
    String id = "<" + UUID.randomUUID() + "@test>";
    try (LogCapture log = new LogCapture(Level.INFO)) {
      try (SmtpClient client = SmtpClient.through(gate).loggedIn(Account.ALICE)) {
        assertThat(client.ask("MAIL FROM:<alice@example.test> SMTPUTF8")).startsWith("250 ");
        assertThat(client.ask("RCPT TO:<bob@example.test>")).startsWith("250 ");
        assertThat(client.ask("DATA")).startsWith("354 ");
        assertThat(client.ask("Message-ID: " + id + "\r\n\r\nx\r\n.")).startsWith("250 ");
        assertThat(client.ask("QUIT")).startsWith("221 ");
      }
      String arrived = new String(backends.awaitMessage(SOON, Account.BOB, id), ISO_8859_1);
      Matcher field = WITH_AND_ID.matcher(Arrived.field(arrived));
      assertThat(field.find()).as(arrived).isTrue();
      assertThat(field.group(1)).isEqualTo("UTF8SMTPSA");
      String session = field.group(2);
      Awaitility.await("audit and log of " + session)
          .atMost(SOON)
          .untilAsserted(
              () -> {
                assertThat(gate.audit().lines())
                    .anyMatch(l -> l.contains("\"submitted\"") && l.contains(session));
                assertThat(log.text().lines())
                    .anyMatch(l -> l.contains("event=submitted session=" + session + " "));
              });
    }
  }

  @ParameterizedTest
  @CsvSource({"imaps, imaps", "imap, imap", "pop3s, pop3s", "pop3, pop3"})
  @Tag("CCO-3.1")
  @Tag("CCO-3.2")
  @Tag("CCO-4a")
  @Tag("CARD-5")
  void curlReads(String service, String scheme) throws Exception {
    backends.empty(Account.BOB);
    byte[] message = message("curl-" + UUID.randomUUID() + "@test", "read by curl over " + service);
    backends.deliver(Account.BOB, java.util.List.of(message));
    String url =
        "%s://localhost:%d/%s"
            .formatted(
                scheme, gate.port(service), scheme.startsWith("imap") ? "INBOX;MAILINDEX=1" : "1");
    Command curl = curl("", "--user", Account.BOB.user() + ":" + "-", url);
    assertThat(curl.exit()).as(curl.err()).isZero();
    assertThat(curl.out()).endsWith(new String(message, ISO_8859_1));
  }

  @ParameterizedTest
  @CsvSource({"submissions, smtps", "submission, smtp"})
  @Tag("CCO-4.3")
  @Tag("CCO-3.3")
  @Tag("CCO-4a")
  @Tag("CARD-4")
  @Tag("CARD-5")
  void curlSends(String service, String scheme) throws Exception {
    String id = "<curl-" + UUID.randomUUID() + "@test>";
    String sent = new String(message(id.substring(1, id.length() - 1), "sent by curl"), ISO_8859_1);
    Command curl =
        curl(
            sent,
            "--user",
            Account.BOB.user() + ":" + "-",
            "--mail-from",
            Account.BOB.user(),
            "--mail-rcpt",
            Account.ALICE.user(),
            "--upload-file",
            "-",
            "%s://localhost:%d/client.example".formatted(scheme, gate.port(service)));
    assertThat(curl.exit()).as(curl.err()).isZero();
    String arrived = new String(backends.awaitMessage(SOON, Account.ALICE, id), ISO_8859_1);
    Arrived.assertBitExactButForTheTrace(arrived, sent);
    String suite =
        curl.err().replaceAll("(?s).*SSL connection using TLSv1.3 / ([A-Z0-9_]+).*", "$1");
    assertThat(Arrived.field(arrived))
        .contains("tls " + suite + " group ")
        .contains("from client.example (");
  }

  /**
   * Runs curl; the password is Bob's, kept out of the arguments, where its characters would need
   * quoting.
   */
  private Command curl(String input, String... arguments) throws Exception {
    Path config = Files.createTempFile("curl", ".conf");
    try {
      String password = Account.BOB.password().replace("\\", "\\\\").replace("\"", "\\\"");
      Files.writeString(config, "user = \"" + Account.BOB.user() + ":" + password + "\"\n");
      java.util.List<String> words =
          new java.util.ArrayList<>(
              java.util.List.of(
                  "curl",
                  "-sv",
                  "--max-time",
                  "30",
                  "--ssl-reqd",
                  "--cacert",
                  gate.certificateFile().toString(),
                  "--config",
                  config.toString()));
      for (int i = 0; i < arguments.length; i++) {
        if (arguments[i].equals("--user")) {
          i++;
        } else {
          words.add(arguments[i]);
        }
      }
      return Command.run(input, words.toArray(String[]::new));
    } finally {
      Files.delete(config);
    }
  }

  private Properties properties(String service, String protocol) throws Exception {
    Properties p = new Properties();
    String prefix = "mail." + protocol + ".";
    if (service.endsWith("s")) {
      p.put(prefix + "ssl.enable", "true");
    } else {
      p.put(prefix + "starttls.enable", "true");
      p.put(prefix + "starttls.required", "true");
    }
    javax.net.ssl.SSLContext context = javax.net.ssl.SSLContext.getInstance("TLS");
    context.init(null, gate.certificate().toTrustManagerFactory().getTrustManagers(), null);
    p.put(prefix + "ssl.socketFactory", context.getSocketFactory());
    p.put(prefix + "ssl.checkserveridentity", "true");
    p.put(prefix + "auth", "true");
    p.put(prefix + "timeout", "30000");
    p.put(prefix + "auth.mechanisms", "PLAIN");
    return p;
  }

  private static byte[] message(String id, String subject) {
    String text =
        String.join(
            "\r\n",
            "From: Alice <alice@example.test>",
            "To: bob@example.test",
            "Subject: " + subject,
            "Message-ID: <" + id + ">",
            "Date: Sun, 22 Nov 2026 10:00:00 +0000",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
            "",
            ".a line that begins with a dot",
            "..and one with two",
            "",
            "body ".repeat(30),
            "");
    return text.getBytes(ISO_8859_1);
  }
}
