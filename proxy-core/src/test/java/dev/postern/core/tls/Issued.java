package dev.postern.core.tls;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.StringWriter;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;

/** A server's certificate with an intermediate and a root, for tests. */
record Issued(X509Bundle root, X509Bundle intermediate, X509Bundle leaf) {
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  static Issued of(CertificateBuilder leaf) throws Exception {
    X509Bundle root =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=Root")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    X509Bundle intermediate =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=Intermediate")
            .setIsCertificateAuthority(true)
            .buildIssuedBy(root);
    return new Issued(root, intermediate, leaf.buildIssuedBy(intermediate));
  }

  static CertificateBuilder server() {
    return new CertificateBuilder()
        .ecp256()
        .subject("CN=mail.example.org")
        .addSanDnsName("mail.example.org");
  }

  static String pem(X509Certificate... certificates) throws Exception {
    StringWriter out = new StringWriter();
    for (X509Certificate certificate : certificates) {
      out.write("-----BEGIN CERTIFICATE-----\n");
      out.write(LINES.encodeToString(certificate.getEncoded()));
      out.write("\n-----END CERTIFICATE-----\n");
    }
    return out.toString();
  }

  /** The chain as it should be shown. */
  List<X509Certificate> shown() {
    return List.of(leaf.getCertificate(), intermediate.getCertificate());
  }
}
