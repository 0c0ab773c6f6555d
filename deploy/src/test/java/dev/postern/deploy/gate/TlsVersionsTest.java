package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.event.TlsFailure;
import dev.postern.core.tls.ClientHello;
import dev.postern.core.tls.TlsVersion;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Old versions of TLS are retired in two ways, and can be kept where they must (CCO-4.1d). */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsVersionsTest {
  private static final String WEAK = "DEFAULT@SECLEVEL=0";

  private final MailBackends backends;
  private Gate gate;

  TlsVersionsTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    gate =
        Gate.configured(
            backends,
            folder,
            """
            support-url: https://help.example.org/mail
            listeners:
              - { service: imaps, address: "127.0.0.1:0" }
              - { service: imap, address: "127.0.0.1:0" }
              - { service: imaps, name: modern, address: "127.0.0.1:0", tls: { profile: modern } }
              - { service: imaps, name: old, address: "127.0.0.1:0", tls: { profile: legacy } }
              - { service: submission, name: old-submission, address: "127.0.0.1:0", tls: { profile: legacy } }
            certificates:
              - { name: main, chain: chain.pem, key: key.pem }
            policy:
              rules:
                - name: bobs-telephone
                  reason: "cannot be updated"
                  until: 2099-12-31
                  when: { users: [bob@example.test], listeners: [old], protection: tls }
                  then: allow
            """);
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
  }

  @ParameterizedTest
  @CsvSource({
    "imaps, -tls1, 1.0",
    "imaps, -tls1_1, 1.1",
    "imap, -tls1_1, 1.1",
    "modern, -tls1_2, 1.2"
  })
  @Tag("CCO-4.1d")
  void anOldClientIsRefusedInTheHandshakeAndCounted(String listener, String option, String offered)
      throws Exception {
    SClient client =
        listener.equals("imap")
            ? SClient.imap(gate.port(listener), option, "-cipher", WEAK, "-starttls", "imap")
            : SClient.imap(
                gate.port(listener), option, "-cipher", WEAK, "-servername", "who.example.org");
    assertThat(client.version()).isEmpty();
    assertThat(client.alert()).as(client.text()).contains("protocol version");
    TlsVersion newest = TlsVersion.ofNumber(offered).orElseThrow();
    SessionEvent.TlsFailed failed =
        gate.await(
            SessionEvent.TlsFailed.class,
            f ->
                f.reason() == TlsFailure.NO_SHARED_VERSION
                    && f.hello().filter(h -> h.versions().get(0) == newest).isPresent());
    if (!listener.equals("imap")) {
      assertThat(failed.hello().flatMap(ClientHello::serverName)).contains("who.example.org");
    }
  }

  @ParameterizedTest
  @CsvSource({"imaps, -tls1_2", "imaps, -tls1_3", "modern, -tls1_3", "old, -tls1", "old, -tls1_1"})
  @Tag("CCO-4.1d")
  void aVersionThatIsAllowedIsServed(String listener, String option) throws Exception {
    SClient client = SClient.imap(gate.port(listener), option, "-cipher", WEAK);
    assertThat(client.version()).as(client.text()).isPresent();
    assertThat(client.text()).contains("* OK [CAPABILITY").contains("a OK");
  }

  @Test
  @Tag("CCO-4.1d")
  void anOldClientIsServedTheHandshakeAndRefusedTheLogin() throws Exception {
    SClient client =
        SClient.run(
            "a LOGIN %s \"%s\"\r\nb LOGIN %1$s wrong\r\nc LOGOUT\r\n"
                .formatted(Account.ALICE.user(), Account.ALICE.password()),
            gate.port("old"),
            "-tls1",
            "-cipher",
            WEAK);
    String denial = line(client.text(), "a NO [PRIVACYREQUIRED] ");
    assertThat(denial).contains("https://help.example.org/mail");
    assertThat(line(client.text(), "b NO ").substring(1))
        .as("the same whatever the password")
        .isEqualTo(denial.substring(1));
    gate.await(
        SessionEvent.LoginEnded.class,
        e -> e.user().equals(Account.ALICE.user()) && e.outcome() == LoginOutcome.DENIED);
  }

  @Test
  @Tag("CCO-4.1d")
  void submissionRefusesTheLoginOfAnOldClientToo() throws Exception {
    SClient client =
        SClient.run(
            "EHLO old\r\nAUTH PLAIN AGFsaWNlAHg=\r\nQUIT\r\n",
            gate.port("old-submission"),
            "-tls1_1",
            "-cipher",
            WEAK,
            "-starttls",
            "smtp");
    assertThat(line(client.text(), "538 5.7.11 ")).contains("https://help.example.org/mail");
  }

  @Test
  @Tag("CCO-4.1d")
  @Tag("CCO-4.1e")
  void anExceptionLetsOneUserInWithOldTls() throws Exception {
    String secret =
        java.util.Base64.getEncoder()
            .encodeToString(
                ("\0" + Account.BOB.user() + "\0" + Account.BOB.password())
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8));
    SClient client =
        SClient.run(
            "a AUTHENTICATE PLAIN " + secret + "\r\nb LOGOUT\r\n",
            gate.port("old"),
            "-tls1",
            "-cipher",
            WEAK);
    line(client.text(), "a OK ");
  }

  @Test
  @Tag("CCO-4.1d")
  void suitesOfOldClientsAreOfTheLegacyProfileAlone() throws Exception {
    SClient client =
        SClient.imap(gate.port("old"), "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0");
    assertThat(client.suite()).as(client.text()).contains("ECDHE-ECDSA-AES128-SHA");
    assertThat(
            SClient.imap(
                    gate.port("imaps"), "-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0")
                .suite())
        .isEmpty();
    assertThat(
            gate.await(SessionEvent.TlsFailed.class, f -> f.reason() == TlsFailure.NO_SHARED_SUITE)
                .hello())
        .isPresent();
  }

  private static String line(String text, String beginning) {
    Optional<String> found = text.lines().filter(line -> line.startsWith(beginning)).findFirst();
    assertThat(found).as("%s in: %s", beginning, text).isPresent();
    return found.orElseThrow();
  }
}
