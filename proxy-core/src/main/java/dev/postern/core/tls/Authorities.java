package dev.postern.core.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Security;
import java.security.cert.CRL;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Date;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;

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

  /**
   * What makes the JDK's path validation go to the network, on an event loop. There is no way to
   * tell it not to: a revocation checker of one's own follows distribution points whatever its
   * options say.
   */
  private static final List<String> FETCHING =
      List.of("com.sun.security.enableCRLDP", "com.sun.security.enableAIAcaIssuers");

  /** The same, as a property of the runtime's file {@code java.security}. */
  private static final String ASK_RESPONDERS = "ocsp.enable";

  private static final String DISTRIBUTION_POINT = "2.5.29.28";
  private static final String DELTA = "2.5.29.27";

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
    if (!lists.isEmpty()) {
      checkRuntime(problems);
    }
    return new Authorities(certificates, !lists.isEmpty(), revocations);
  }

  private static void checkRuntime(List<String> problems) {
    for (String property : FETCHING) {
      if (Boolean.getBoolean(property)) {
        problems.add(
            "the Java runtime is told to fetch revocation lists and certificates while clients wait;"
                + " start it without -D"
                + property
                + ", and name the lists under revocations");
      }
    }
    if ("true".equalsIgnoreCase(Security.getProperty(ASK_RESPONDERS))) {
      problems.add(
          "the Java runtime is told to ask OCSP responders while clients wait; take "
              + ASK_RESPONDERS
              + "=true out of its security properties, and name lists under revocations");
    }
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
      if (checksRevocation && !hasList(authority)) {
        doubts.add(who + " has no revocation list: its clients are refused; add its list");
      }
    }
    for (X509CRL list : latest()) {
      String whose =
          "the revocation list of " + PresentedNames.escaped(list.getIssuerX500Principal());
      if (list.getNextUpdate() == null) {
        doubts.add(
            whose
                + " does not say when it is renewed (nextUpdate), and is never taken for current:"
                + " clients of this issuer are refused; have one issued that does");
      } else if (now.isAfter(end(list))) {
        doubts.add(
            whose
                + " was due for renewal on "
                + end(list)
                + ": clients of this issuer are refused; fetch it anew");
      }
    }
    return doubts;
  }

  /**
   * Returns until when there are current revocation lists of all issuers that are known: the epoch
   * where one of them has none.
   *
   * @return empty when revocation is not checked
   */
  Optional<Instant> revocationsEnd() {
    if (!checksRevocation) {
      return Optional.empty();
    }
    boolean missing = certificates.stream().anyMatch(authority -> !hasList(authority));
    return missing
        ? Optional.of(Instant.EPOCH)
        : latest().stream().map(Authorities::end).min(Comparator.naturalOrder());
  }

  private boolean hasList(X509Certificate authority) {
    return revocations.stream()
        .anyMatch(l -> l.getIssuerX500Principal().equals(authority.getSubjectX500Principal()));
  }

  /** An issuer may have several lists, each about a part of its certificates (RFC 5280 §5.2.5). */
  private record Scope(X500Principal issuer, String distributionPoint) {
    static Scope of(X509CRL list) {
      byte[] point = list.getExtensionValue(DISTRIBUTION_POINT);
      return new Scope(
          list.getIssuerX500Principal(), point == null ? "" : HexFormat.of().formatHex(point));
    }
  }

  /**
   * Without lists that a later one replaces: as long as there is one that is current, all is well.
   */
  private Collection<X509CRL> latest() {
    return revocations.stream()
        .filter(list -> list.getExtensionValue(DELTA) == null)
        .collect(
            Collectors.toMap(
                Scope::of,
                Function.identity(),
                BinaryOperator.maxBy(Comparator.comparing(Authorities::end)),
                LinkedHashMap::new))
        .values();
  }

  private static Instant end(X509CRL list) {
    Date next = list.getNextUpdate();
    return next == null ? Instant.EPOCH : next.toInstant();
  }

  private static String unreadable(Path file, IOException e) {
    return file
        + " cannot be read ("
        + e.getClass().getSimpleName()
        + "); check that it is there, and who may read it";
  }
}
