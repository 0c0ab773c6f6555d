package dev.postern.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.ClientTrust;
import dev.postern.core.tls.IdentityMapping;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClientAuthoritiesTest {
  private static final Instant END = Instant.parse("2026-11-22T10:00:00Z");

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ClientAuthorities authorities = new ClientAuthorities(registry);
  private final AtomicReference<Instant> now =
      new AtomicReference<>(END.minus(Duration.ofMinutes(1)));

  static ClientTrust checkedUntil(Path folder, Instant end, AtomicReference<Instant> now)
      throws Exception {
    X509Bundle authority =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=Clients")
            .notBefore(end.minus(Duration.ofDays(1)))
            .notAfter(end.plus(Duration.ofDays(1)))
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Path bundle = Files.writeString(folder.resolve("ca.pem"), authority.getCertificatePEM());
    JcaX509v2CRLBuilder list =
        new JcaX509v2CRLBuilder(
            authority.getCertificate(), Date.from(end.minus(Duration.ofDays(1))));
    list.setNextUpdate(Date.from(end));
    Path revocations =
        Files.write(
            folder.resolve("clients.crl"),
            list.build(
                    new JcaContentSignerBuilder("SHA256withECDSA")
                        .build(authority.getKeyPair().getPrivate()))
                .getEncoded());
    ClientTrust.Loaded loaded =
        ClientTrust.load(
            bundle, 3, List.of(revocations), List.of(new IdentityMapping.Email()), false, now::get);
    assertThat(loaded).isInstanceOf(ClientTrust.Loaded.Usable.class);
    return ((ClientTrust.Loaded.Usable) loaded).trust();
  }

  @Test
  @Tag("CCO-4.2b")
  void tellsOfAListThatEndsWhileItIsInForce(@TempDir Path folder) throws Exception {
    authorities.inForce(Map.of("imaps", checkedUntil(folder, END, now)));
    assertThat(authorities.detail()).isEqualTo("imaps until " + END);
    assertThat(gauge()).isEqualTo((double) END.getEpochSecond());

    now.set(END.plusSeconds(1));
    assertThat(authorities.detail())
        .startsWith("imaps (the revocation list of CN=Clients was due for renewal on " + END);
    assertThat(gauge()).isEqualTo((double) END.getEpochSecond());
  }

  @Test
  void showsOnlyWhatIsInForce(@TempDir Path folder) throws Exception {
    authorities.inForce(Map.of("imaps", checkedUntil(folder, END, now)));
    authorities.inForce(Map.of());
    assertThat(registry.scrape()).doesNotContain("imaps");
    assertThat(authorities.detail()).isEmpty();
  }

  private double gauge() {
    return registry.get("postern.client.crl.expiry").tag("listener", "imaps").gauge().value();
  }
}
