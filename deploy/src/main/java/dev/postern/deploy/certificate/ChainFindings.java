package dev.postern.deploy.certificate;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;

/** What is wrong with certificates together, in the order in which they are shown. Pure. */
final class ChainFindings {
  private ChainFindings() {}

  static void of(List<X509Certificate> chain, List<String> problems, List<String> warnings) {
    for (int i = 0; i + 1 < chain.size(); i++) {
      issuer(i, chain.get(i), chain.get(i + 1), problems);
    }
    X509Certificate last = chain.get(chain.size() - 1);
    if (chain.size() > 1 && isSelfIssued(last)) {
      warnings.add("holds a root, which clients do not need: leave it out");
    } else if (isSelfIssued(last)) {
      warnings.add("is self-signed: only programs that were told to will trust it");
    } else if (chain.size() == 1) {
      warnings.add(
          "is alone: unless a root issued it, put the issuers' certificates behind it, or mail programs"
              + " that do not know them refuse it");
    }
  }

  private static void issuer(
      int i, X509Certificate certificate, X509Certificate next, List<String> problems) {
    if (!certificate.getIssuerX500Principal().equals(next.getSubjectX500Principal())) {
      problems.add(
          "certificate %d is not that of the issuer of certificate %d: put them in order, the server's first, none left out between"
              .formatted(i + 2, i + 1));
      return;
    }
    if (next.getBasicConstraints() < 0) {
      problems.add("certificate %d may not issue others: put the issuer's there".formatted(i + 2));
    }
    try {
      certificate.verify(next.getPublicKey());
    } catch (GeneralSecurityException e) {
      problems.add(
          "certificate %d was not signed with the key of certificate %d: put the issuer's there"
              .formatted(i + 1, i + 2));
    }
  }

  private static boolean isSelfIssued(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }
}
