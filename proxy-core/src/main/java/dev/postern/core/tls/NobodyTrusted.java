package dev.postern.core.tls;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;

/** Trusts no certificate at all: for listeners that ask for none. */
final class NobodyTrusted implements X509TrustManager {
  static final NobodyTrusted INSTANCE = new NobodyTrusted();

  private NobodyTrusted() {}

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("no client certificate was asked for");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("no server is asked for certificates");
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
