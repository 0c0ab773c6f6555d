package dev.postern.core.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;

/**
 * Who may vouch for clients, and what they have taken back.
 *
 * @param certificates of the authorities
 * @param checksRevocation whether a certificate without a current revocation list of its issuer is
 *     refused
 * @param revocations the lists
 */
record Authorities(
    List<X509Certificate> certificates, boolean checksRevocation, List<X509CRL> revocations) {
  private static final int KEY_CERT_SIGN = 5;

  /** Path validation by the JDK would go to the network, on an event loop. */
  private static final String FETCH_LISTS = "com.sun.security.enableCRLDP";

  Authorities {
    certificates = List.copyOf(certificates);
    revocations = List.copyOf(revocations);
  }

  /**
   * Reads authorities and revocation lists.
   *
   * @param bundle PEM file with the authorities' certificates
   * @param lists files with revocation lists; empty to check none
   * @param problems takes what is wrong, each with what to do
   */
  static Authorities read(Path bundle, List<Path> lists, List<String> problems) {
    List<X509Certificate> certificates = readCertificates(bundle, problems);
    for (X509Certificate certificate : certificates) {
      check(certificate, bundle, problems);
    }
    List<X509CRL> revocations = new ArrayList<>();
    for (Path list : lists) {
      revocations.addAll(readRevocations(list, certificates, problems));
    }
    if (!lists.isEmpty() && Boolean.getBoolean(FETCH_LISTS)) {
      problems.add(
          "the Java runtime is told to fetch revocation lists while clients wait; start it without -D"
              + FETCH_LISTS
              + ", and name the lists under revocations");
    }
    return new Authorities(certificates, !lists.isEmpty(), revocations);
  }

  private static List<X509Certificate> readCertificates(Path bundle, List<String> problems) {
    List<X509Certificate> certificates = new ArrayList<>();
    try (InputStream in = Files.newInputStream(bundle)) {
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        certificates.add((X509Certificate) one);
      }
    } catch (IOException e) {
      problems.add(unreadable(bundle, e));
      return List.of();
    } catch (CertificateException e) {
      problems.add(
          bundle
              + " is not a PEM file of certificates; put the authorities' into it, one after another");
      return List.of();
    }
    if (certificates.isEmpty()) {
      problems.add(bundle + " holds no certificate; put the authorities' into it");
    }
    return certificates;
  }

  private static void check(X509Certificate certificate, Path bundle, List<String> problems) {
    String who = bundle + ": " + PresentedNames.subject(certificate);
    boolean[] keyUsage = certificate.getKeyUsage();
    if (certificate.getBasicConstraints() < 0 || (keyUsage != null && !keyUsage[KEY_CERT_SIGN])) {
      problems.add(
          who
              + " is no authority (basicConstraints, keyUsage); put the certificate of its issuer here,"
              + " and map single certificates by their fingerprints");
    }
    if (KeyStrength.weakness(certificate.getPublicKey()).isPresent()) {
      problems.add(who + " has a key that is too weak; use one of at least RSA 2048 or P-256");
    }
    if (!NameLimits.areReadable(certificate)) {
      problems.add(who + " has name constraints that cannot be read; remove it");
    }
  }

  private static List<X509CRL> readRevocations(
      Path file, List<X509Certificate> authorities, List<String> problems) {
    List<X509CRL> lists = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      for (CRL one : CertificateFactory.getInstance("X.509").generateCRLs(in)) {
        X509CRL list = (X509CRL) one;
        if (isForged(list, authorities)) {
          problems.add(
              file
                  + ": the list of "
                  + PresentedNames.escaped(list.getIssuerX500Principal())
                  + " is not signed by the authority of that name; fetch it anew");
        }
        lists.add(list);
      }
    } catch (IOException e) {
      problems.add(unreadable(file, e));
      return List.of();
    } catch (GeneralSecurityException e) {
      problems.add(file + " is not a file of certificate revocation lists, PEM or DER");
      return List.of();
    }
    if (lists.isEmpty()) {
      problems.add(file + " holds no certificate revocation list; take it off, or fetch the list");
    }
    return lists;
  }

  /** A list of an intermediate that clients present cannot be judged yet, and is no forgery. */
  private static boolean isForged(X509CRL list, List<X509Certificate> authorities) {
    List<X509Certificate> issuers =
        authorities.stream()
            .filter(a -> a.getSubjectX500Principal().equals(list.getIssuerX500Principal()))
            .toList();
    return !issuers.isEmpty() && issuers.stream().noneMatch(issuer -> isSigned(list, issuer));
  }

  private static boolean isSigned(X509CRL list, X509Certificate issuer) {
    try {
      list.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /**
   * Lists what keeps clients out although the files can be read: authorities that have expired, and
   * revocation lists that are missing or too old.
   */
  List<String> doubts(Instant now) {
    List<String> doubts = new ArrayList<>();
    for (X509Certificate authority : certificates) {
      String who = "the authority " + PresentedNames.subject(authority);
      if (now.isAfter(authority.getNotAfter().toInstant())) {
        doubts.add(
            who
                + " expired on "
                + authority.getNotAfter().toInstant()
                + ": its clients are refused");
      }
      if (checksRevocation
          && revocations.stream()
              .noneMatch(
                  l -> l.getIssuerX500Principal().equals(authority.getSubjectX500Principal()))) {
        doubts.add(who + " has no revocation list: its clients are refused; add its list");
      }
    }
    for (X509CRL list : revocations) {
      Date next = list.getNextUpdate();
      if (next != null && now.isAfter(next.toInstant())) {
        doubts.add(
            "the revocation list of "
                + PresentedNames.escaped(list.getIssuerX500Principal())
                + " was due for renewal on "
                + next.toInstant()
                + ": clients of this issuer are refused; fetch it anew");
      }
    }
    return doubts;
  }

  private static String unreadable(Path file, IOException e) {
    return file
        + " cannot be read ("
        + e.getClass().getSimpleName()
        + "); check that it is there, and who may read it";
  }
}
