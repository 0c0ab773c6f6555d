package dev.postern.core.tls;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts certificates into the order that clients want (RFC 8446 §4.4.2): the server's, then each
 * followed by its issuer. What is twice there goes, and so does the root, which clients have
 * themselves or do not trust. Pure.
 */
final class ChainOrder {
  private ChainOrder() {}

  /**
   * Mends a chain.
   *
   * @param found at least one, in any order
   * @param key the key of the first
   * @param keyName what messages call the key
   * @throws CertificateException when none is the key's, or one has nothing to do with the others;
   *     the message is a sentence without its subject, the file
   */
  static List<X509Certificate> mend(List<X509Certificate> found, PrivateKey key, String keyName)
      throws CertificateException {
    List<X509Certificate> rest = new ArrayList<>(new LinkedHashSet<>(found));
    // An earlier certificate for the same key may have been left beside the renewed one.
    X509Certificate leaf =
        rest.stream()
            .filter(certificate -> KeyMatch.matches(certificate.getPublicKey(), key))
            .max(Comparator.comparing(X509Certificate::getNotAfter))
            .orElseThrow(
                () ->
                    new CertificateException(
                        "holds no certificate for "
                            + keyName
                            + ": name the pair that was issued together"));
    List<X509Certificate> chain = new ArrayList<>();
    X509Certificate next = leaf;
    while (next != null) {
      chain.add(next);
      rest.remove(next);
      next = isSelfIssued(next) ? null : issuer(next, rest);
    }
    for (X509Certificate other : rest) {
      if (chain.stream().noneMatch(member -> isSamePerson(member, other))) {
        throw new CertificateException(
            "holds a certificate that does not belong to the others: %s did not issue %s, nor did any that it issued; keep the server's certificate and its issuers, none left out between"
                .formatted(name(other), name(leaf)));
      }
    }
    X509Certificate last = chain.get(chain.size() - 1);
    if (chain.size() > 1 && isSelfIssued(last)) {
      chain.remove(last);
    }
    return List.copyOf(chain);
  }

  /** Finds who issued a certificate. */
  static @Nullable X509Certificate issuer(X509Certificate of, List<X509Certificate> candidates) {
    for (X509Certificate candidate : candidates) {
      if (candidate.getSubjectX500Principal().equals(of.getIssuerX500Principal())
          && isSignedBy(of, candidate)) {
        return candidate;
      }
    }
    return null;
  }

  private static boolean isSignedBy(X509Certificate certificate, X509Certificate issuer) {
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /** Cross-signed certificates, and an earlier one for the same key. */
  private static boolean isSamePerson(X509Certificate one, X509Certificate other) {
    return one.getSubjectX500Principal().equals(other.getSubjectX500Principal())
        && one.getPublicKey().equals(other.getPublicKey());
  }

  private static boolean isSelfIssued(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }

  private static String name(X509Certificate certificate) {
    return "\"" + certificate.getSubjectX500Principal().getName() + "\"";
  }
}
