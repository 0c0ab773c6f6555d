package dev.postern.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.server.CertificateState;
import dev.postern.core.tls.KeyMaterial;
import dev.postern.core.tls.ServerCertificate;
import dev.postern.core.tls.Staple;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("CCO-4.4")
@Tag("DEEP-10.5")
class CertificatesTest {
  private static final Instant END = Instant.parse("2030-01-01T00:00:00Z");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Certificates certificates = new Certificates(registry);

  static CertificateState loaded(String name) {
    return new CertificateState.Loaded(certificate(name));
  }

  private static ServerCertificate certificate(String name) {
    try {
      X509Bundle made =
          new CertificateBuilder()
              .ecp256()
              .subject("CN=mail.example.org")
              .setIsCertificateAuthority(true)
              .notAfter(END)
              .buildSelfSigned();
      return new ServerCertificate(
          name,
          List.of(),
          new KeyMaterial(List.of(made.getCertificate()), made.getKeyPair().getPrivate()),
          Staple.NONE);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Map<String, CertificateState> states() {
    return Map.of(
        "a",
        loaded("a"),
        "b",
        new CertificateState.Kept(certificate("b"), "b.key holds no private key"),
        "c",
        new CertificateState.Unusable("c", "c.pem does not exist"));
  }

  @Test
  void tellsWhichCertificatesAreInForceAndWhichAreWhatTheFilesHold() {
    certificates.started(states());
    assertThat(registry.scrape())
        .contains("postern_certificate_expiry_seconds{certificate=\"a\"} " + seconds())
        .contains("postern_certificate_expiry_seconds{certificate=\"b\"} " + seconds())
        .doesNotContain("postern_certificate_expiry_seconds{certificate=\"c\"}")
        .contains("postern_certificate_usable{certificate=\"a\"} 1.0")
        .contains("postern_certificate_usable{certificate=\"b\"} 1.0")
        .contains("postern_certificate_usable{certificate=\"c\"} 0.0")
        .contains("postern_certificate_last_reload_successful{certificate=\"a\"} 1.0")
        .contains("postern_certificate_last_reload_successful{certificate=\"b\"} 0.0")
        .contains("postern_certificate_last_reload_successful{certificate=\"c\"} 0.0");
  }

  private static String seconds() {
    return Double.toString((double) END.getEpochSecond());
  }

  @Test
  void countsCertificatesThatReloadsFailedFor() {
    certificates.started(states());
    assertThat(failures("a") + failures("b") + failures("c")).isZero();
    certificates.reloaded(states());
    certificates.reloaded(states());
    assertThat(failures("a")).isZero();
    assertThat(failures("b")).isEqualTo(2);
    assertThat(failures("c")).isEqualTo(2);
    certificates.reloaded(Map.of("b", loaded("b")));
    assertThat(failures("b")).isEqualTo(2);
    assertThat(registry.scrape())
        .contains("postern_certificate_last_reload_successful{certificate=\"b\"} 1.0")
        .doesNotContain("postern_certificate_usable{certificate=\"c\"}");
  }

  private double failures(String certificate) {
    return registry
        .get("postern.certificate.reload.failures")
        .tag("certificate", certificate)
        .counter()
        .count();
  }

  @Test
  void saysWhatIsWrongInWords() {
    assertThat(certificates.detail()).isEqualTo("none");
    certificates.started(states());
    assertThat(certificates.detail())
        .isEqualTo(
            "a until 2030-01-01T00:00:00Z, b until 2030-01-01T00:00:00Z (an earlier one stays in"
                + " force: b.key holds no private key), c cannot be used (c.pem does not exist)");
  }
}
