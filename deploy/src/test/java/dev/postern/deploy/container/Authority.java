package dev.postern.deploy.container;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import javax.net.ssl.SSLContext;

/**
 * Whoever vouches for a proxy: an authority of a test's own, and a certificate that it has issued.
 */
final class Authority {
  private final X509Bundle authority;
  private final X509Bundle server;

  private Authority(X509Bundle authority, X509Bundle server) {
    this.authority = authority;
    this.server = server;
  }

  /** Founds one that vouches for {@code localhost}, {@code 127.0.0.1} and a name. */
  static Authority vouchingFor(String hostname) throws Exception {
    X509Bundle authority =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=authority of a test")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    X509Bundle server =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=" + hostname)
            .addSanDnsName(hostname)
            .addSanDnsName("localhost")
            .addSanIpAddress("127.0.0.1")
            .addExtendedKeyUsageServerAuth()
            .setKeyUsage(true, CertificateBuilder.KeyUsage.digitalSignature)
            .buildIssuedBy(authority);
    return new Authority(authority, server);
  }

  void write(Path chain, Path key) throws IOException {
    Files.writeString(chain, server.getCertificatePathPEM());
    Files.writeString(key, server.getPrivateKeyPEM());
  }

  /** Returns a context of clients that trust this authority and no other. */
  SSLContext trust() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    try {
      context.init(null, authority.toTrustManagerFactory().getTrustManagers(), null);
    } catch (GeneralSecurityException e) {
      throw e;
    } catch (Exception e) {
      throw new GeneralSecurityException(e);
    }
    return context;
  }
}
