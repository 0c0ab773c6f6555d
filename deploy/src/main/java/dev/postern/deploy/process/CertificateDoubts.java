package dev.postern.deploy.process;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What clients will hold against a certificate that is otherwise as it should be. Pure. */
final class CertificateDoubts {
  private static final Duration SOON = Duration.ofDays(14);
  private static final int DNS_NAME = 2;

  private CertificateDoubts() {}

  /** A sentence without its subject, and what to do. */
  record Doubt(String message, String suggestion) {}

  /** Judges the time in which a certificate is valid. */
  static Optional<Doubt> ofTime(X509Certificate certificate, Instant now) {
    Instant begin = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    if (now.isBefore(begin)) {
      return Optional.of(
          new Doubt(
              "is not valid before " + begin, "wait until then, or set the clock if it is wrong"));
    }
    if (now.plus(SOON).isBefore(end)) {
      return Optional.empty();
    }
    LocalDate day = end.atOffset(ZoneOffset.UTC).toLocalDate();
    return Optional.of(
        new Doubt(
            (now.isBefore(end) ? "expires on " : "expired on ") + day,
            "renew it; Postern takes the new one as soon as it is there"));
  }

  /**
   * Says whether a certificate is for a name: by its subject alternative names alone, and with a
   * wildcard for the whole first label alone (RFC 9525 §6.3).
   */
  static boolean covers(X509Certificate certificate, String hostname) {
    String wanted = hostname.toLowerCase(Locale.ROOT);
    String wildcard = "*" + wanted.substring(Math.max(0, wanted.indexOf('.')));
    for (String name : names(certificate)) {
      String folded = name.toLowerCase(Locale.ROOT);
      if (folded.equals(wanted) || folded.equals(wildcard)) {
        return true;
      }
    }
    return false;
  }

  private static List<String> names(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream()
              .filter(name -> name.get(0).equals(DNS_NAME))
              .map(name -> String.valueOf(name.get(1)))
              .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }
}
