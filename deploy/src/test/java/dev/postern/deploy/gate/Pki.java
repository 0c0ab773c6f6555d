package dev.postern.deploy.gate;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** An authority of a test's own, and what it issues, as PEM files. */
final class Pki {
  private final Path folder;
  private final X509Bundle authority;

  private Pki(Path folder, X509Bundle authority) {
    this.folder = folder;
    this.authority = authority;
  }

  /** Founds an authority; its certificate is {@code NAME-ca.pem}. */
  static Pki found(Path folder, String name) throws Exception {
    X509Bundle authority =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=" + name + " test authority")
            .setIsCertificateAuthority(true)
            .setKeyUsage(
                true, CertificateBuilder.KeyUsage.keyCertSign, CertificateBuilder.KeyUsage.cRLSign)
            .buildSelfSigned();
    Files.writeString(folder.resolve(name + "-ca.pem"), authority.getCertificatePEM());
    Files.writeString(folder.resolve(name + "-ca.key"), authority.getPrivateKeyPEM());
    return new Pki(folder, authority);
  }

  /** Issues an ECDSA server certificate for some names, as {@code FILE.pem} and {@code .key}. */
  X509Bundle ecdsa(String file, String... names) throws Exception {
    return issue(file, named(new CertificateBuilder().ecp256(), names));
  }

  /** Issues an RSA server certificate for some names, as {@code FILE.pem} and {@code .key}. */
  X509Bundle rsa(String file, String... names) throws Exception {
    return issue(file, named(new CertificateBuilder().rsa2048(), names));
  }

  /** Issues a client certificate, as {@code FILE.pem} and {@code .key}. */
  X509Bundle client(String file, UnaryOperator<CertificateBuilder> more) throws Exception {
    return issue(
        file,
        more.apply(
            new CertificateBuilder()
                .ecp256()
                .addExtendedKeyUsageClientAuth()
                .setKeyUsage(true, CertificateBuilder.KeyUsage.digitalSignature)));
  }

  private static CertificateBuilder named(CertificateBuilder builder, String... names) {
    builder.subject("CN=" + names[0]);
    for (String name : names) {
      builder.addSanDnsName(name);
    }
    return builder
        .addExtendedKeyUsageServerAuth()
        .setKeyUsage(
            true,
            CertificateBuilder.KeyUsage.digitalSignature,
            CertificateBuilder.KeyUsage.keyEncipherment);
  }

  private X509Bundle issue(String file, CertificateBuilder builder) throws Exception {
    X509Bundle issued = builder.buildIssuedBy(authority);
    write(file, issued);
    return issued;
  }

  private void write(String file, X509Bundle issued) throws IOException {
    Files.writeString(folder.resolve(file + ".pem"), issued.getCertificatePathPEM());
    Files.writeString(folder.resolve(file + ".key"), issued.getPrivateKeyPEM());
  }
}
