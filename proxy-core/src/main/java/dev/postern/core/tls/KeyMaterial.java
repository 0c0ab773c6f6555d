package dev.postern.core.tls;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * A certificate with its key.
 *
 * @param chain the server's certificate first, then the intermediates in order
 * @param key the key of the first certificate
 * @param issuer who issued the first certificate, where that is known: a root is not in the chain,
 *     since clients are not shown it
 */
public record KeyMaterial(
    List<X509Certificate> chain, PrivateKey key, Optional<X509Certificate> issuer) {
  public KeyMaterial {
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("a certificate chain has at least one certificate");
    }
    chain = List.copyOf(chain);
  }

  /** The issuer is the second in the chain, if there is one. */
  public KeyMaterial(List<X509Certificate> chain, PrivateKey key) {
    this(chain, key, chain.stream().skip(1).findFirst());
  }

  /** Never shows the key. */
  @Override
  public String toString() {
    return "KeyMaterial[" + chain.get(0).getSubjectX500Principal() + "]";
  }
}
