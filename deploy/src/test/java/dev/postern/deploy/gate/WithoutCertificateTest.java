package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Services that should have a certificate and have none. */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("DEEP-9.2a")
class WithoutCertificateTest {
  private static final String CONFIGURATION =
      """
      listeners:
        - { service: imaps, address: "127.0.0.1:0", tls: { without-certificate: true } }
        - { service: imap, address: "127.0.0.1:0" }
        - { service: pop3, address: "127.0.0.1:0" }
        - { service: submission, address: "127.0.0.1:0" }
      certificates:
        - { name: main, chain: broken.pem, key: key.pem }
      """;

  private final MailBackends backends;
  private Gate gate;

  WithoutCertificateTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    Files.writeString(folder.resolve("broken.pem"), "-----BEGIN CERTIFICATE-----\nMIIB");
    gate = Gate.configured(backends, folder, CONFIGURATION);
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
  }

  @Test
  void imapNeitherOffersNorDoesStarttls() throws Exception {
    try (Wire wire = Wire.plain(gate, "imap")) {
      assertThat(wire.line())
          .startsWith("* OK [CAPABILITY ")
          .contains(" LOGINDISABLED")
          .doesNotContain("STARTTLS");
      assertThat(wire.send("a CAPABILITY\r\n").until("a OK")).doesNotContain("STARTTLS");
      assertThat(wire.ask("b STARTTLS")).startsWith("b BAD ");
      assertThat(wire.ask("c LOGIN alice@example.test secret"))
          .startsWith("c NO [PRIVACYREQUIRED] ");
      assertThat(wire.send("d LOGOUT\r\n").until("d OK")).contains("* BYE");
    }
  }

  @Test
  void pop3NeitherOffersNorDoesStls() throws Exception {
    try (Wire wire = Wire.plain(gate, "pop3")) {
      assertThat(wire.line()).startsWith("+OK");
      assertThat(wire.send("CAPA\r\n").multiLine()).doesNotContain("STLS").doesNotContain("USER");
      assertThat(wire.ask("STLS")).startsWith("-ERR ");
      assertThat(wire.ask("USER alice@example.test")).startsWith("-ERR [SYS/PERM]");
      assertThat(wire.ask("QUIT")).startsWith("+OK");
    }
  }

  @Test
  void submissionNeitherOffersNorDoesStarttls() throws Exception {
    try (Wire wire = Wire.plain(gate, "submission")) {
      assertThat(wire.line()).startsWith("220 ");
      assertThat(wire.send("EHLO client.example\r\n").until("250 "))
          .doesNotContain("STARTTLS")
          .doesNotContain("AUTH");
      assertThat(wire.ask("STARTTLS")).startsWith("454 4.7.0 ");
      assertThat(wire.ask("MAIL FROM:<alice@example.test>")).startsWith("530 5.7.0 ");
      assertThat(wire.ask("QUIT")).startsWith("221");
    }
  }

  @Test
  void aServiceThatBeginsWithTlsIsNotThere() {
    assertThat(gate.server().addresses().keySet()).containsExactly("imap", "pop3", "submission");
  }
}
