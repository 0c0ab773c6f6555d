package dev.postern.deploy.process;

import dev.postern.core.tls.CertificateNames;
import dev.postern.core.tls.KeyStrength;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What clients will hold against a certificate that is otherwise as it should be. Pure. */
public final class CertificateDoubts {
  private static final Duration SOON = Duration.ofDays(14);

  /** TLS Feature (RFC 7633 §4.1) whose one value is status_request, 5: the "must-staple". */
  private static final String TLS_FEATURE = "1.3.6.1.5.5.7.1.24";

  private CertificateDoubts() {}

  /** How much a doubt weighs. */
  public enum Weight {
    /** Clients refuse it. */
    ERROR,
    /** Some clients refuse it, or all will. */
    WARNING
  }

  /** A sentence without its subject, and what to do. */
  public record Doubt(String message, String suggestion, Weight weight) {}

  /**
   * Finds everything that speaks against a certificate.
   *
   * @param chain the server's certificate, then its issuers
   * @param serverNames the names that the configuration gives it
   * @param stapled whether an OCSP response goes with it
   */
  public static List<Doubt> of(
      List<X509Certificate> chain, List<String> serverNames, boolean stapled, Instant now) {
    List<Doubt> doubts = new ArrayList<>();
    X509Certificate leaf = chain.get(0);
    ofTime(leaf, now).ifPresent(doubts::add);
    for (X509Certificate issuer : chain.subList(1, chain.size())) {
      ofIssuer(issuer, leaf, now).ifPresent(doubts::add);
    }
    for (X509Certificate certificate : chain) {
      if (isSelfIssued(certificate)) {
        // nobody verifies the signature of what is trusted by itself
        continue;
      }
      if (certificate.getSigAlgName().toUpperCase(Locale.ROOT).startsWith("SHA1")) {
        doubts.add(
            new Doubt(
                name(certificate, leaf) + "is signed with SHA-1, which mail programs refuse",
                "ask for one that is signed with SHA-256",
                Weight.WARNING));
      }
    }
    for (String name : serverNames) {
      if (!covers(leaf, name)) {
        doubts.add(
            new Doubt(
                "is not for " + name + ", which is among its names here",
                "ask for one that holds the name, or take it out of names",
                Weight.WARNING));
      }
    }
    if (!stapled && leaf.getExtensionValue(TLS_FEATURE) != null) {
      doubts.add(
          new Doubt(
              "demands an OCSP response with every handshake, and none is configured",
              "set ocsp for it, or ask for one without the must-staple extension",
              Weight.WARNING));
    }
    return doubts;
  }

  private static Optional<Doubt> ofTime(X509Certificate certificate, Instant now) {
    Instant begin = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    if (now.isBefore(begin)) {
      return Optional.of(
          new Doubt(
              "is not valid before " + begin,
              "wait until then, or set the clock if it is wrong",
              Weight.WARNING));
    }
    if (now.plus(SOON).isBefore(end)) {
      return Optional.empty();
    }
    boolean expired = !now.isBefore(end);
    return Optional.of(
        new Doubt(
            (expired ? "expired on " : "expires on ") + day(end),
            "renew it; Postern takes the new one as soon as it is there",
            expired ? Weight.ERROR : Weight.WARNING));
  }

  private static Optional<Doubt> ofIssuer(
      X509Certificate issuer, X509Certificate leaf, Instant now) {
    Instant end = issuer.getNotAfter().toInstant();
    String weakness = KeyStrength.weakness(issuer.getPublicKey()).orElse(null);
    if (now.isBefore(issuer.getNotBefore().toInstant())) {
      return Optional.of(
          new Doubt(
              name(issuer, leaf) + "is not valid before " + issuer.getNotBefore().toInstant(),
              "put a valid one into the chain",
              Weight.WARNING));
    }
    if (!now.isBefore(end)) {
      return Optional.of(
          new Doubt(
              name(issuer, leaf) + "expired on " + day(end),
              "put the chain that came with the certificate",
              Weight.ERROR));
    }
    if (end.isBefore(leaf.getNotAfter().toInstant())) {
      return Optional.of(
          new Doubt(
              name(issuer, leaf) + "expires on " + day(end) + ", before what it issued",
              "put its successor into the chain by then",
              Weight.WARNING));
    }
    return Optional.ofNullable(weakness)
        .map(
            weak ->
                new Doubt(
                    name(issuer, leaf) + "has " + weak,
                    "ask the authority for a newer chain",
                    Weight.WARNING));
  }

  private static boolean isSelfIssued(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }

  private static String name(X509Certificate certificate, X509Certificate leaf) {
    return certificate.equals(leaf)
        ? ""
        : "holds the issuer \"%s\", which ".formatted(certificate.getSubjectX500Principal());
  }

  private static LocalDate day(Instant of) {
    return of.atOffset(ZoneOffset.UTC).toLocalDate();
  }

  /**
   * Says whether a certificate is for a name: by its subject alternative names alone, and with a
   * wildcard for the whole first label alone (RFC 9525 §6.3).
   *
   * @param name of a host; {@code *.example.org} asks for that very wildcard
   */
  public static boolean covers(X509Certificate certificate, String name) {
    String wanted = name.toLowerCase(Locale.ROOT);
    String wildcard = "*" + wanted.substring(Math.max(0, wanted.indexOf('.')));
    List<String> names = CertificateNames.alternative(certificate);
    return names.contains(wanted) || names.contains(wildcard);
  }
}
