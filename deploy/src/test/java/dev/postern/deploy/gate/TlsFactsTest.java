package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.SessionEvent;
import dev.postern.core.tls.TlsFacts;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the proxy says of a connection's TLS, field by field beside what OpenSSL says of it. */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TlsFactsTest {
  private final MailBackends backends;
  private Path folder;
  private Gate gate;
  private Map<String, String> standardNames;

  TlsFactsTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path shared) throws Exception {
    folder = shared;
    Pki pki = Pki.found(shared, "root");
    pki.ecdsa("ecdsa", "ecdsa.example.org");
    pki.rsa("rsa", "rsa.example.org");
    gate =
        Gate.configured(
            backends,
            shared,
            """
            listeners:
              - { service: imaps, address: "127.0.0.1:0" }
              - { service: imap, address: "127.0.0.1:0" }
              - { service: imaps, name: old, address: "127.0.0.1:0", tls: { profile: legacy } }
            certificates:
              - { name: ecdsa, chain: ecdsa.pem, key: ecdsa.key }
              - { name: rsa, chain: rsa.pem, key: rsa.key }
            """);
    standardNames = SClient.standardNames();
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
  }

  @ParameterizedTest
  @CsvSource({
    "imaps, 1_3, ecdsa, X25519, ''",
    "imaps, 1_3, ecdsa, P-256, ''",
    "imaps, 1_3, ecdsa, P-384, ''",
    // the key share is of the first group, which the server does not have: a HelloRetryRequest
    "imaps, 1_3, rsa, X448:P-256, ''",
    "imaps, 1_3, rsa, X25519, ''",
    // before TLS 1.3 the client must list the curve of the certificate too
    "imaps, 1_2, ecdsa, X25519:P-256, ''",
    "imaps, 1_2, ecdsa, P-256, ''",
    "imaps, 1_2, rsa, P-384, ''",
    "imaps, 1_2, rsa, X25519, ECDHE-RSA-CHACHA20-POLY1305",
    "imap, 1_3, ecdsa, X25519, ''",
    "imap, 1_2, rsa, P-256, ''",
    "old, 1_2, rsa, X25519, AES128-SHA",
    "old, 1_1, rsa, P-256, ''",
    "old, 1, ecdsa, X25519:P-256, ''",
    "old, 1, rsa, X25519, AES256-SHA",
  })
  @Tag("DEEP-9.2b")
  @Tag("CCO-4.3")
  @Tag("DEEP-9.1a")
  void areWhatOpensslReports(
      String listener, String version, String certificate, String groups, String suite)
      throws Exception {
    Path session =
        folder.resolve("session-" + listener + version + certificate + groups.hashCode() + suite);
    List<String> options =
        new ArrayList<>(
            List.of(
                "-tls" + version,
                "-servername",
                certificate + ".example.org",
                "-groups",
                groups,
                "-alpn",
                "imap"));
    String strength = version.compareTo("1_2") < 0 ? "DEFAULT@SECLEVEL=0" : "DEFAULT";
    options.addAll(List.of("-cipher", suite.isEmpty() ? strength : suite + ":@SECLEVEL=0"));
    if (listener.equals("imap")) {
      options.addAll(List.of("-starttls", "imap"));
    }

    SClient first = talk(listener, options, "-sess_out", session.toString());
    TlsFacts facts = assertAgree(first, first.group(), certificate);
    assertThat(facts.resumed()).isFalse();
    assertThat(first.resumed()).isFalse();
    assertThat(facts.group().isPresent()).isEqualTo(!suite.startsWith("AES"));

    SClient again = talk(listener, options, "-sess_in", session.toString());
    // of a resumed TLS 1.2 session OpenSSL tells no group: it is still the first handshake's
    TlsFacts resumed = assertAgree(again, again.group().or(first::group), certificate);
    assertThat(resumed.resumed()).isTrue();
    assertThat(again.resumed()).isTrue();
  }

  private SClient talk(String listener, List<String> options, String... more) throws Exception {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return SClient.imap(gate.port(listener), all.toArray(String[]::new));
  }

  private TlsFacts assertAgree(SClient openssl, Optional<String> group, String certificate) {
    List<TlsFacts> heard =
        gate.all(SessionEvent.TlsEstablished.class).map(SessionEvent.TlsEstablished::tls).toList();
    assertThat(openssl.version()).as(openssl.text()).isPresent();
    TlsFacts facts = heard.get(heard.size() - 1);
    assertThat(facts.version().protocol().replace("TLSv1.0", "TLSv1"))
        .isEqualTo(openssl.version().orElseThrow());
    assertThat(facts.cipherSuite()).isEqualTo(standardNames.get(openssl.suite().orElseThrow()));
    assertThat(facts.group()).isEqualTo(group);
    assertThat(facts.alpn()).isEqualTo(openssl.alpn()).contains("imap");
    assertThat(facts.serverName()).contains(certificate + ".example.org");
    assertThat(facts.clientCertificate()).isEmpty();
    assertThat(openssl.subject()).contains("CN = " + certificate + ".example.org");
    return facts;
  }
}
