package dev.postern.core.tls;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.util.List;

/** Certificates that nobody trusts. */
final class TestCertificates {
  private TestCertificates() {}

  static ServerCertificate ecdsa(String... names) {
    return of(new CertificateBuilder().ecp256(), Staple.NONE, names);
  }

  static ServerCertificate rsa(String... names) {
    return of(new CertificateBuilder().rsa2048(), Staple.NONE, names);
  }

  static ServerCertificate stapled(Staple staple, String... names) {
    return of(new CertificateBuilder().ecp256(), staple, names);
  }

  private static ServerCertificate of(CertificateBuilder builder, Staple staple, String... names) {
    try {
      X509Bundle made =
          builder.subject("CN=" + names[0]).setIsCertificateAuthority(true).buildSelfSigned();
      return new ServerCertificate(
          names[0],
          List.of(names),
          new KeyMaterial(List.of(made.getCertificate()), made.getKeyPair().getPrivate()),
          staple);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
