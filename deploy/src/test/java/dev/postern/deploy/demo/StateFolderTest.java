package dev.postern.deploy.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  @TempDir Path parent;
  private StateFolder state;

  @BeforeEach
  void certify() throws Exception {
    state = StateFolder.at(parent.resolve("state"));
    state.certify(NOW);
  }

  @Test
  void theCertificateIsValidForThisMachineUnderItsAuthority() throws Exception {
    isValidAt(NOW);
  }

  private void isValidAt(Instant time) throws Exception {
    X509Certificate authority = read(state.authority());
    X509Certificate server = read(state.certificate());
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
    parameters.setRevocationEnabled(false);
    parameters.setDate(Date.from(time));
    CertPathValidator.getInstance("PKIX")
        .validate(
            CertificateFactory.getInstance("X.509").generateCertPath(List.of(server)), parameters);
    assertThat(server.getSubjectAlternativeNames())
        .extracting(name -> name.get(1).toString())
        .containsExactly("localhost", "mail.example.test", "127.0.0.1", "0:0:0:0:0:0:0:1");
    assertThat(server.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
    assertThat(server.getBasicConstraints()).isEqualTo(-1);
    assertThat(authority.getBasicConstraints()).isZero();
  }

  @AfterEach
  void close() throws Exception {
    state.close();
  }

  @Test
  void servesOneDemoAtATime() {
    assertThatThrownBy(() -> StateFolder.at(parent.resolve("state")))
        .isInstanceOf(IOException.class)
        .hasMessage("another demo uses it");
  }

  @Test
  void isKeptFromOthers() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.key())))
        .isEqualTo("rw-------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(state.file(""))))
        .isEqualTo("rwx------");
  }

  @Test
  void nextTimeTheSameCertificateServes() throws Exception {
    X509Certificate before = read(state.certificate());
    state.close();
    state = StateFolder.at(parent.resolve("state"));
    state.certify(NOW.plus(Duration.ofDays(80)));
    assertThat(read(state.certificate())).isEqualTo(before);
  }

  @Test
  void aCertificateAboutToExpireIsMadeAnew() throws Exception {
    X509Certificate before = read(state.certificate());
    state.certify(NOW.plus(Duration.ofDays(84)));
    assertThat(read(state.certificate())).isNotEqualTo(before);
    isValidAt(NOW.plus(Duration.ofDays(84)));
  }

  @Test
  void aBrokenCertificateIsMadeAnew() throws Exception {
    Files.writeString(state.certificate(), "nothing");
    state.certify(NOW);
    isValidAt(NOW);
  }

  private static X509Certificate read(Path file) throws Exception {
    try (var in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }
}
