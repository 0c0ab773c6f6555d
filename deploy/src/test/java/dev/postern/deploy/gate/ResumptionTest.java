package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client resumes its TLS session on another instance that has the same ticket keys. */
@WithMailBackends
class ResumptionTest {
  private static final String LISTENERS =
      """
      listeners:
        - { service: imaps, address: "127.0.0.1:0" }
        - { service: imap, address: "127.0.0.1:0" }
      certificates:
        - { name: main, chain: main.pem, key: main.key }
      """;

  private final MailBackends backends;

  ResumptionTest(MailBackends backends) {
    this.backends = backends;
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void acrossInstancesThatShareKeys(String version, @TempDir Path folder) throws Exception {
    Path one = prepare(folder);
    Files.write(one.resolve("tickets"), key());
    String yaml = LISTENERS + "tls: { tickets: [tickets] }\n";
    String session = folder.resolve("session").toString();
    try (Gate first = Gate.configured(backends, one, yaml);
        Gate second = Gate.configured(backends, one, yaml)) {
      SClient here = SClient.imap(first.port("imaps"), version, "-sess_out", session);
      assertThat(here.resumed()).isFalse();
      if (version.equals("-tls1_3")) {
        assertThat(here.text()).contains("Max Early Data: 0").doesNotContain("Max Early Data: 1");
      }
      SClient there = SClient.imap(second.port("imaps"), version, "-sess_in", session);
      assertThat(there.version()).as(there.text()).isPresent();
      assertThat(there.resumed()).isTrue();
      SClient startTls =
          SClient.imap(second.port("imap"), version, "-sess_in", session, "-starttls", "imap");
      assertThat(startTls.version()).as(startTls.text()).isPresent();
      assertThat(startTls.resumed()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void notAcrossInstancesThatShareNone(String version, @TempDir Path folder) throws Exception {
    Path one = prepare(folder);
    String session = folder.resolve("session").toString();
    try (Gate first = Gate.configured(backends, one, LISTENERS);
        Gate second = Gate.configured(backends, one, LISTENERS)) {
      SClient.imap(first.port("imaps"), version, "-sess_out", session);
      assertThat(SClient.imap(first.port("imaps"), version, "-sess_in", session).resumed())
          .isTrue();
      SClient there = SClient.imap(second.port("imaps"), version, "-sess_in", session);
      assertThat(there.version()).isPresent();
      assertThat(there.resumed()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-tls1_2", "-tls1_3"})
  void notWhereItIsTurnedOff(String version, @TempDir Path folder) throws Exception {
    Path session = folder.resolve("session");
    try (Gate gate =
        Gate.configured(backends, prepare(folder), LISTENERS + "tls: { tickets: off }\n")) {
      SClient first = SClient.imap(gate.port("imaps"), version, "-sess_out", session.toString());
      assertThat(first.version()).isPresent();
      if (Files.exists(session)) {
        SClient again = SClient.imap(gate.port("imaps"), version, "-sess_in", session.toString());
        assertThat(again.version()).isPresent();
        assertThat(again.resumed()).isFalse();
      }
    }
  }

  private static Path prepare(Path folder) throws Exception {
    Pki.found(folder, "root").ecdsa("main", "mail.example.org");
    return folder;
  }

  private static byte[] key() {
    byte[] octets = new byte[48];
    new SecureRandom().nextBytes(octets);
    return octets;
  }
}
