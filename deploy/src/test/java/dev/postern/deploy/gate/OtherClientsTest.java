package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.io.BufferedReader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Clients that parse differently from one another: Python's standard library and OpenSSL's. */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OtherClientsTest {
  private static final String PLAIN =
      Base64.getEncoder()
          .encodeToString(
              ("\0" + Account.ALICE.user() + "\0" + Account.ALICE.password()).getBytes(UTF_8));

  private final MailBackends backends;
  private Path folder;
  private Gate gate;

  OtherClientsTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path shared) throws Exception {
    folder = shared;
    gate = Gate.before(backends, shared);
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
  }

  @Test
  @Tag("CCO-4a")
  @Tag("DEEP-7.2")
  void pythonReadsAndSends() throws Exception {
    String id = "<python-" + UUID.randomUUID() + "@test>";
    Path script = folder.resolve("mail.py");
    Files.writeString(
        script,
        """
        import imaplib, poplib, smtplib, ssl, sys
        ca, user, password, message_id = sys.argv[1:5]
        port = dict(zip("imaps imap pop3s pop3 submissions submission".split(), map(int, sys.argv[5:])))
        tls = ssl.create_default_context(cafile=ca)
        for secure in (True, False):
            s = smtplib.SMTP_SSL("localhost", port["submissions"], context=tls) if secure else smtplib.SMTP("localhost", port["submission"])
            if not secure:
                try:
                    s.login(user, password)
                    sys.exit("a login in clear")
                except smtplib.SMTPNotSupportedError:
                    pass
                s.starttls(context=tls)
            s.login(user, password)
            if secure:
                s.sendmail(user, ["bob@example.test"], f"Message-ID: {message_id}\\r\\nSubject: x\\r\\n\\r\\n.\\r\\nhello\\r\\n")
            print("smtp", s.quit()[0])
            i = imaplib.IMAP4_SSL("localhost", port["imaps"], ssl_context=tls) if secure else imaplib.IMAP4("localhost", port["imap"])
            if not secure:
                assert "LOGINDISABLED" in i.capabilities, i.capabilities
                i.starttls(tls)
            print("imap", i.login(user, password)[0], i.select()[0], i.noop()[0], i.logout()[0])
            p = poplib.POP3_SSL("localhost", port["pop3s"], context=tls) if secure else poplib.POP3("localhost", port["pop3"])
            if not secure:
                p.stls(tls)
            p.user(user)
            p.pass_(password)
            print("pop3", p.stat()[0] >= 0, "DEEP" in p.capa(), p.quit()[:3])
        """);
    Command python =
        Command.run(
            "",
            "python3",
            script.toString(),
            gate.certificateFile().toString(),
            Account.ALICE.user(),
            Account.ALICE.password(),
            id,
            port("imaps"),
            port("imap"),
            port("pop3s"),
            port("pop3"),
            port("submissions"),
            port("submission"));
    assertThat(python.exit()).as(python.err()).isZero();
    assertThat(python.out())
        .isEqualTo("smtp 221\nimap OK OK OK BYE\npop3 True True b'+OK'\n".repeat(2));
    assertThat(new String(backends.awaitMessage(Duration.ofSeconds(30), Account.BOB, id), UTF_8))
        .contains("\ttls TLS_");
  }

  private String port(String service) {
    return Integer.toString(gate.port(service));
  }

  @ParameterizedTest
  @CsvSource({
    "imaps, '', a AUTHENTICATE PLAIN %s, a OK",
    "imap, imap, a AUTHENTICATE PLAIN %s, a OK",
    "pop3s, '', AUTH PLAIN %s, +OK Logged in",
    "pop3, pop3, AUTH PLAIN %s, +OK Logged in",
    "submissions, '', AUTH PLAIN %s, 235 2.7.0",
    "submission, smtp, AUTH PLAIN %s, 235 2.7.0"
  })
  @Tag("CCO-4a")
  void opensslLogsIn(String service, String startTls, String login, String answer)
      throws Exception {
    List<String> words =
        new ArrayList<>(
            List.of(
                "openssl",
                "s_client",
                "-quiet",
                "-crlf",
                "-verify_return_error",
                "-servername",
                "localhost"));
    words.addAll(
        List.of(
            "-CAfile",
            gate.certificateFile().toString(),
            "-connect",
            "127.0.0.1:" + port(service)));
    if (!startTls.isEmpty()) {
      words.addAll(List.of("-starttls", startTls));
    }
    Process process =
        new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader from = process.inputReader(UTF_8);
        Writer to = process.outputWriter(UTF_8)) {
      if (service.startsWith("submission")) {
        to.write("EHLO client\n");
      }
      to.write(login.formatted(PLAIN) + "\n");
      to.flush();
      String line = from.readLine();
      while (line != null && !line.startsWith(answer)) {
        line = from.readLine();
      }
      assertThat(line).isNotNull();
    } finally {
      process.destroy();
    }
  }
}
