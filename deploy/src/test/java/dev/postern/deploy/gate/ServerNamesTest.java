package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.SessionEvent;
import dev.postern.core.event.TlsFailure;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which certificate a client is shown, and which clients are none of ours. */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerNamesTest {
  private final MailBackends backends;
  private Gate gate;

  ServerNamesTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    Pki pki = Pki.found(folder, "root");
    pki.ecdsa("org", "mail.example.org");
    pki.rsa("org-rsa", "mail.example.org");
    pki.ecdsa("net", "mail.example.net");
    pki.rsa("wild", "wild.example.com");
    gate =
        Gate.configured(
            backends,
            folder,
            """
            listeners:
              - { service: imaps, address: "127.0.0.1:0" }
              - { service: imap, address: "127.0.0.1:0" }
              - { service: pop3, address: "127.0.0.1:0" }
              - { service: pop3s, address: "127.0.0.1:0" }
              - { service: submission, address: "127.0.0.1:0" }
              - { service: submissions, address: "127.0.0.1:0" }
              - { service: imaps, name: strict, address: "127.0.0.1:0", tls: { strict-sni: true } }
            certificates:
              - { name: org, chain: org.pem, key: org.key }
              - { name: org-rsa, chain: org-rsa.pem, key: org-rsa.key }
              - { name: net, chain: net.pem, key: net.key }
              - { name: wild, names: ["*.example.com"], chain: wild.pem, key: wild.key }
            """);
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
  }

  private SClient connect(String listener, String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    String startTls =
        switch (listener) {
          case "imap" -> "imap";
          case "pop3" -> "pop3";
          case "submission" -> "smtp";
          default -> "";
        };
    if (!startTls.isEmpty()) {
      all.addAll(List.of("-starttls", startTls));
    }
    return SClient.run("a LOGOUT\r\nQUIT\r\n", gate.port(listener), all.toArray(String[]::new));
  }

  @ParameterizedTest
  @CsvSource({
    "imaps, mail.example.net, mail.example.net",
    "imaps, MAIL.Example.NET, mail.example.net",
    "imaps, eu.example.com, wild.example.com",
    "imaps, a.b.example.com, mail.example.org",
    "imaps, nobody.example, mail.example.org",
    "imap, mail.example.net, mail.example.net",
    "pop3, eu.example.com, wild.example.com",
    "submission, mail.example.net, mail.example.net",
    "submissions, mail.example.net, mail.example.net",
    "strict, mail.example.net, mail.example.net",
  })
  @Tag("CCO-4.4")
  void chooseTheCertificate(String listener, String asked, String shown) throws Exception {
    SClient client = connect(listener, "-servername", asked);
    assertThat(client.subject()).as(client.text()).contains("CN = " + shown);
  }

  @ParameterizedTest
  @CsvSource({
    "-tls1_3, ECDSA+SHA256, ECDSA",
    "-tls1_3, RSA-PSS+SHA256, RSA",
    "-tls1_2, ECDSA+SHA256, ECDSA",
    "-tls1_2, RSA+SHA256, RSA",
    "-tls1_3, ECDSA+SHA256:RSA-PSS+SHA256, ECDSA",
  })
  @Tag("CCO-4.4")
  void aClientIsShownWhatItCanVerify(String version, String signatures, String algorithm)
      throws Exception {
    for (String listener : List.of("imaps", "imap")) {
      SClient client =
          connect(listener, version, "-sigalgs", signatures, "-servername", "mail.example.org");
      assertThat(client.version()).as(client.text()).isPresent();
      assertThat(client.subject()).contains("CN = mail.example.org");
      assertThat(client.text())
          .contains("Peer signature type: " + (algorithm.equals("RSA") ? "RSA" : "ECDSA"));
    }
  }

  @Test
  @Tag("CCO-4.4")
  void aStrictListenerRefusesNamesThatAreNotItsOwn() throws Exception {
    SClient stranger = connect("strict", "-servername", "nobody.example");
    assertThat(stranger.version()).isEmpty();
    assertThat(stranger.alert()).as(stranger.text()).contains("unrecognized name");
    SClient nameless = connect("strict", "-noservername");
    assertThat(nameless.version()).isEmpty();
    assertThat(nameless.alert()).as(nameless.text()).contains("missing extension");
    SessionEvent.TlsFailed failed =
        gate.await(
            SessionEvent.TlsFailed.class,
            f -> f.hello().filter(h -> h.serverName().isPresent()).isPresent());
    assertThat(failed.reason()).isEqualTo(TlsFailure.UNKNOWN_SERVER_NAME);
    assertThat(failed.hello().flatMap(h -> h.serverName())).contains("nobody.example");
  }

  @ParameterizedTest
  @CsvSource({
    "imaps, 'imap', imap",
    "imaps, 'h2,imap', imap",
    "imap, 'imap', imap",
    "pop3s, 'pop3', pop3",
    "pop3, 'pop3', pop3",
    "submissions, 'submission', submission",
    "submissions, 'smtp', smtp",
    "submission, 'smtp', smtp",
  })
  void theProtocolIsAgreedOn(String listener, String offered, String agreed) throws Exception {
    SClient client = connect(listener, "-alpn", offered);
    assertThat(client.alpn()).as(client.text()).contains(agreed);
  }

  @ParameterizedTest
  @CsvSource({
    "imaps, 'h2,http/1.1'",
    "imap, h2",
    "imaps, pop3",
    "pop3s, http/1.1",
    "pop3, imap",
    "submissions, 'h2'",
    "submission, 'imap'",
  })
  void aClientOfAnotherProtocolFailsInTheHandshake(String listener, String offered)
      throws Exception {
    for (String version : List.of("-tls1_2", "-tls1_3")) {
      long before = refusedForAlpn();
      SClient client = connect(listener, version, "-alpn", offered);
      assertThat(client.version()).isEmpty();
      assertThat(client.alert()).as(client.text()).contains("no application protocol");
      org.awaitility.Awaitility.await().until(() -> refusedForAlpn() == before + 1);
    }
  }

  private long refusedForAlpn() {
    return gate.all(SessionEvent.TlsFailed.class)
        .filter(f -> f.reason() == TlsFailure.NO_SHARED_ALPN)
        .count();
  }
}
