package dev.postern.core.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate with its key.
 *
 * @param chain the server's certificate first, then the intermediates in order
 * @param key the key of the first certificate
 */
public record KeyMaterial(List<X509Certificate> chain, PrivateKey key) {
  public KeyMaterial {
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("a certificate chain has at least one certificate");
    }
    chain = List.copyOf(chain);
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "KeyMaterial[" + chain.get(0).getSubjectX500Principal() + "]";
  }
}
