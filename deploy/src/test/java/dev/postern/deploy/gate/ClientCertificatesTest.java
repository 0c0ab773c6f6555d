package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.event.TlsFailure;
import dev.postern.core.policy.Decision;
import dev.postern.core.policy.DenialReason;
import dev.postern.core.tls.RefusedClientCertificate;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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

/** Users who prove themselves by a certificate, into a real Dovecot and a real Postfix. */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClientCertificatesTest {
  private final MailBackends backends;
  private Path folder;
  private Gate gate;

  ClientCertificatesTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path shared) throws Exception {
    folder = shared;
    Pki.found(shared, "server").ecdsa("main", "mail.example.org", "localhost");
    Pki clients = Pki.found(shared, "clients");
    clients.client("alice", b -> b.subject("CN=Alice").addSanRfc822Name(Account.ALICE.user()));
    clients.client("nobody", b -> b.subject("CN=Nobody in particular"));
    clients.client(
        "expired",
        b ->
            b.subject("CN=Alice")
                .addSanRfc822Name(Account.ALICE.user())
                .notBefore(Instant.now().minus(Duration.ofDays(20)))
                .notAfter(Instant.now().minus(Duration.ofDays(2))));
    Pki.found(shared, "strangers")
        .client("stranger", b -> b.subject("CN=Alice").addSanRfc822Name(Account.ALICE.user()));
    Files.writeString(shared.resolve("master"), backends.masterUser().password() + "\n");
    gate =
        Gate.configured(
            backends,
            shared,
            "master-user: { name: %s, password-file: master }"
                .formatted(backends.masterUser().user()),
            """
            listeners:
              - { service: imaps, address: "127.0.0.1:0" }
              - { service: imap, address: "127.0.0.1:0" }
              - { service: pop3s, address: "127.0.0.1:0" }
              - { service: pop3, address: "127.0.0.1:0" }
              - { service: submissions, address: "127.0.0.1:0" }
              - { service: submission, address: "127.0.0.1:0" }
              - service: imaps
                name: preauth
                address: "127.0.0.1:0"
                tls: { client-certificates: { authorities: clients-ca.pem, identity: [email], preauth: true } }
              - service: imaps
                name: unasked
                address: "127.0.0.1:0"
                tls: { client-certificates: off }
            tls: { client-certificates: { authorities: clients-ca.pem, identity: [email] } }
            certificates:
              - { name: main, chain: main.pem, key: main.key }
            """);
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
  }

  private SClient talk(String listener, String certificate, String input, String... more)
      throws Exception {
    // quiet, for its reports would stand in the middle of what the server says
    List<String> options = new ArrayList<>(List.of("-quiet"));
    options.addAll(List.of(more));
    if (!certificate.isEmpty()) {
      options.addAll(
          List.of(
              "-cert",
              folder.resolve(certificate + ".pem").toString(),
              "-key",
              folder.resolve(certificate + ".key").toString()));
    }
    String startTls =
        switch (listener) {
          case "imap" -> "imap";
          case "pop3" -> "pop3";
          case "submission" -> "smtp";
          default -> "";
        };
    if (!startTls.isEmpty()) {
      options.addAll(List.of("-starttls", startTls));
    }
    return SClient.run(input, gate.port(listener), options.toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource({"imaps, -tls1_3", "imaps, -tls1_2", "imap, -tls1_3"})
  @Tag("CCO-4.2b")
  void imapLogsInByExternal(String listener, String version) throws Exception {
    backends.empty(Account.ALICE);
    backends.deliver(
        Account.ALICE, List.of("Subject: hers\r\n\r\nx\r\n".getBytes(StandardCharsets.US_ASCII)));
    int mark = gate.mark();
    String text =
        talk(
                listener,
                "alice",
                "a CAPABILITY\r\nb AUTHENTICATE EXTERNAL =\r\nc FETCH 1 BODY[HEADER.FIELDS (SUBJECT)]\r\nd SELECT INBOX\r\ne FETCH 1 BODY[HEADER.FIELDS (SUBJECT)]\r\nf LOGOUT\r\n",
                version)
            .text();
    assertThat(text)
        .contains("AUTH=EXTERNAL")
        .containsPattern("(?m)^b OK")
        .contains("* 1 EXISTS")
        .contains("Subject: hers")
        .containsPattern("(?m)^f OK");
    SessionEvent.LoginEnded login =
        gate.awaitSince(
            mark,
            SessionEvent.LoginEnded.class,
            e -> e.mechanism().equals("EXTERNAL") && e.outcome() == LoginOutcome.SUCCESS);
    assertThat(login.user()).isEqualTo(Account.ALICE.user());
  }

  @ParameterizedTest
  @CsvSource({"pop3s", "pop3"})
  @Tag("CCO-4.2b")
  @Tag("CCO-3.1")
  void pop3LogsInByExternal(String listener) throws Exception {
    String text = talk(listener, "alice", "CAPA\r\nAUTH EXTERNAL =\r\nSTAT\r\nQUIT\r\n").text();
    assertThat(text)
        .containsPattern("(?m)^SASL .*EXTERNAL")
        .containsPattern("(?m)^\\+OK \\d+ \\d+");
  }

  @ParameterizedTest
  @CsvSource({"submissions", "submission"})
  @Tag("CCO-4.2b")
  void submissionLogsInByExternalAndTheMessageArrives(String listener) throws Exception {
    String id = "<external-" + UUID.randomUUID() + "@test>";
    String text =
        talk(
                listener,
                "alice",
                """
                EHLO laptop.example
                AUTH EXTERNAL =
                MAIL FROM:<alice@example.test>
                RCPT TO:<bob@example.test>
                DATA
                Message-ID: %s

                x
                .
                QUIT
                """
                    .formatted(id)
                    .replace("\n", "\r\n"))
            .text();
    assertThat(text)
        .containsPattern("(?m)^250[- ]AUTH .*EXTERNAL")
        .containsPattern("(?m)^235 2.7.0")
        .containsPattern("(?m)^250 2.0.0");
    String arrived =
        new String(
            backends.awaitMessage(Duration.ofSeconds(30), Account.BOB, id),
            StandardCharsets.ISO_8859_1);
    assertThat(Arrived.field(arrived)).contains(" with ESMTPSA id ");
  }

  @Test
  @Tag("CCO-4.2b")
  void curlLogsInByExternal() throws Exception {
    Command curl =
        Command.run(
            "",
            "curl",
            "-sS",
            "--cacert",
            folder.resolve("server-ca.pem").toString(),
            "--cert",
            folder.resolve("alice.pem").toString(),
            "--key",
            folder.resolve("alice.key").toString(),
            "--login-options",
            "AUTH=EXTERNAL",
            "-u",
            Account.ALICE.user() + ":",
            "imaps://localhost:" + gate.port("imaps") + "/",
            "-X",
            "NOOP",
            "-v");
    assertThat(curl.exit()).as(curl.err()).isZero();
    assertThat(curl.err()).contains("AUTHENTICATE EXTERNAL");
  }

  @Test
  @Tag("CCO-3.2")
  void preauthGreetsAUserWhoIsKnown() throws Exception {
    String text = talk("preauth", "alice", "a SELECT INBOX\r\nb LOGOUT\r\n").text();
    assertThat(text).containsPattern("(?m)^\\* PREAUTH ").containsPattern("(?m)^a OK");
    assertThat(talk("preauth", "", "a SELECT INBOX\r\nb LOGOUT\r\n").text())
        .containsPattern("(?m)^\\* OK ")
        .doesNotContain("PREAUTH")
        .containsPattern("(?m)^a (NO|BAD)");
    assertThat(talk("preauth", "nobody", "b LOGOUT\r\n").text())
        .containsPattern("(?m)^\\* OK ")
        .doesNotContain("PREAUTH");
  }

  @ParameterizedTest
  @CsvSource({"''", "nobody"})
  @Tag("CCO-4.2b")
  void externalIsNotOfferedToThoseNobodyKnows(String certificate) throws Exception {
    String text =
        talk(
                "imaps",
                certificate,
                "a CAPABILITY\r\nb AUTHENTICATE EXTERNAL =\r\nc LOGIN %s \"%s\"\r\nd LOGOUT\r\n"
                    .formatted(Account.ALICE.user(), Account.ALICE.password()))
            .text();
    assertThat(text)
        .contains("AUTH=PLAIN")
        .doesNotContain("AUTH=EXTERNAL")
        .containsPattern("(?m)^b (NO|BAD)")
        .containsPattern("(?m)^c OK");
  }

  @Test
  @Tag("CCO-4.2b")
  void anotherAuthorizationIdentityIsRefused() throws Exception {
    String bob =
        Base64.getEncoder().encodeToString(Account.BOB.user().getBytes(StandardCharsets.UTF_8));
    String alice =
        Base64.getEncoder().encodeToString(Account.ALICE.user().getBytes(StandardCharsets.UTF_8));
    String text =
        talk(
                "imaps",
                "alice",
                "a AUTHENTICATE EXTERNAL "
                    + bob
                    + "\r\nb AUTHENTICATE EXTERNAL "
                    + alice
                    + "\r\nc LOGOUT\r\n")
            .text();
    assertThat(text).containsPattern("(?m)^a NO").containsPattern("(?m)^b OK");
    assertThat(
            talk("submissions", "alice", "EHLO x\r\nAUTH EXTERNAL " + bob + "\r\nQUIT\r\n").text())
        .containsPattern("(?m)^535 5.7.8");
    assertThat(talk("pop3s", "alice", "AUTH EXTERNAL " + bob + "\r\nQUIT\r\n").text())
        .containsPattern("(?m)^-ERR \\[AUTH]");
  }

  /** With the right password: only the proxy itself may use it. */
  @Test
  @Tag("CCO-4.2b")
  void noClientLogsInAsTheMasterUser() throws Exception {
    Account master = backends.masterUser();
    String plain =
        Base64.getEncoder()
            .encodeToString(
                (Account.ALICE.user() + "\0" + master.user() + "\0" + master.password())
                    .getBytes(StandardCharsets.UTF_8));
    int mark = gate.mark();
    assertThat(talk("imaps", "", "a AUTHENTICATE PLAIN " + plain + "\r\nb LOGOUT\r\n").text())
        .containsPattern("(?m)^a NO \\[AUTHENTICATIONFAILED]");
    awaitRefusedMaster(mark);
    mark = gate.mark();
    assertThat(talk("pop3s", "", "AUTH PLAIN " + plain + "\r\nQUIT\r\n").text())
        .containsPattern("(?m)^-ERR \\[AUTH]");
    awaitRefusedMaster(mark);
    mark = gate.mark();
    // its server has no master user of its own here, but asks Dovecot
    assertThat(talk("submissions", "", "EHLO x\r\nAUTH PLAIN " + plain + "\r\nQUIT\r\n").text())
        .containsPattern("(?m)^535 5.7.8");
    awaitRefusedMaster(mark);
  }

  private void awaitRefusedMaster(int mark) {
    gate.awaitSince(
        mark,
        SessionEvent.LoginDecided.class,
        e ->
            e.decision() instanceof Decision.Deny deny
                && deny.reason() == DenialReason.MASTER_USER);
  }

  @ParameterizedTest
  @CsvSource({
    "stranger, -tls1_2, UNKNOWN_AUTHORITY",
    "stranger, -tls1_3, UNKNOWN_AUTHORITY",
    "expired, -tls1_3, EXPIRED"
  })
  @Tag("CCO-4.2b")
  void aCertificateThatNobodyVouchesForIsRefusedInTheHandshake(
      String certificate, String version, RefusedClientCertificate.Reason reason) throws Exception {
    int mark = gate.mark();
    SClient client = talk("imaps", certificate, "a LOGOUT\r\n", version);
    assertThat(client.text())
        .doesNotContain("* OK")
        .containsPattern("alert [a-z ]*certificate|alert unknown ca");
    SessionEvent.TlsFailed failed =
        gate.awaitSince(
            mark,
            SessionEvent.TlsFailed.class,
            f -> f.reason() == TlsFailure.BAD_CLIENT_CERTIFICATE);
    assertThat(failed.certificate()).contains(reason);
  }

  @Test
  @Tag("CCO-4.2a")
  void aListenerThatAcceptsNoneAsksForNone() throws Exception {
    assertThat(SClient.imap(gate.port("imaps")).text())
        .contains("Acceptable client certificate CA names")
        .contains("CN = clients test authority");
    assertThat(SClient.imap(gate.port("unasked")).text())
        .contains("No client certificate CA names sent");
    String presented = talk("unasked", "alice", "a CAPABILITY\r\nb LOGOUT\r\n").text();
    assertThat(presented).contains("AUTH=PLAIN").doesNotContain("AUTH=EXTERNAL");
  }
}
