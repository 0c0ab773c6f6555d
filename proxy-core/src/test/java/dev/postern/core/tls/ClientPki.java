package dev.postern.core.tls;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.OptionalInt;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.cert.jcajce.JcaX509CRLConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** Authorities, client certificates and revocation lists for tests. */
final class ClientPki {
  /** Certificates are valid a day before and a day after. */
  static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  static final String USER_PRINCIPAL_NAME = "1.3.6.1.4.1.311.20.2.3";

  private ClientPki() {}

  static X509Bundle authority(String name) throws Exception {
    return certificate(name).setIsCertificateAuthority(true).buildSelfSigned();
  }

  static X509Bundle intermediate(String name, X509Bundle issuer) throws Exception {
    return certificate(name).setIsCertificateAuthority(true).buildIssuedBy(issuer);
  }

  /** A usual client's certificate, to be changed and built. */
  static CertificateBuilder client(String name) {
    return certificate(name).addExtendedKeyUsageClientAuth();
  }

  static CertificateBuilder certificate(String name) {
    return new CertificateBuilder()
        .ecp256()
        .subject("CN=" + name)
        .notBefore(NOW.minus(Duration.ofDays(1)))
        .notAfter(NOW.plus(Duration.ofDays(1)))
        .setPathLengthConstraint(OptionalInt.empty());
  }

  static X509CRL revocations(X509Bundle issuer, X509Certificate... revoked) throws Exception {
    return revocations(issuer, NOW.plus(Duration.ofDays(7)), revoked);
  }

  static X509CRL revocations(X509Bundle issuer, @Nullable Instant next, X509Certificate... revoked)
      throws Exception {
    Date issued = Date.from(NOW.minus(Duration.ofHours(12)));
    JcaX509v2CRLBuilder builder = new JcaX509v2CRLBuilder(issuer.getCertificate(), issued);
    if (next != null) {
      builder.setNextUpdate(Date.from(next));
    }
    for (X509Certificate one : revoked) {
      builder.addCRLEntry(one.getSerialNumber(), issued, CRLReason.keyCompromise);
    }
    return new JcaX509CRLConverter()
        .getCRL(
            builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA")
                    .build(issuer.getKeyPair().getPrivate())));
  }

  /** Writes certificates or revocation lists. */
  static Path pem(Path file, Object... objects) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      for (Object object : objects) {
        writer.writeObject(object);
      }
    }
    return Files.writeString(file, text.toString());
  }
}
