package dev.postern.core.tls;

import dev.postern.core.tls.RefusedClientCertificate.Reason;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXCertPathValidatorResult;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.security.auth.x500.X500Principal;

/**
 * Path validation of client certificates (RFC 5280 §6). Looks at nothing but what was presented,
 * the authorities and the revocation lists: it fetches nothing. Signatures are checked from an
 * authority downwards, so that a stranger cannot have his own keys calculated with.
 */
final class ClientPath {
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final String ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
  private static final int DIGITAL_SIGNATURE = 0;

  /** More than any depth that makes sense; the rest of what a client presents is not looked at. */
  private static final int MOST_PRESENTED = 16;

  private final Authorities authorities;
  private final Set<TrustAnchor> anchors;
  private final Set<X500Principal> names;
  private final int depth;

  /**
   * Prepares validation.
   *
   * @param authorities who may vouch
   * @param depth most intermediate certificates
   */
  ClientPath(Authorities authorities, int depth) {
    this.authorities = authorities;
    // Without name constraints, which the JDK's validation does not take here: see NameLimits.
    this.anchors =
        authorities.certificates().stream()
            .map(authority -> new TrustAnchor(authority, null))
            .collect(Collectors.toUnmodifiableSet());
    this.names =
        authorities.certificates().stream()
            .map(X509Certificate::getSubjectX500Principal)
            .collect(Collectors.toUnmodifiableSet());
    this.depth = depth;
  }

  /**
   * Judges a chain.
   *
   * @param presented the client's certificate, and after it others that may be of use
   * @param now the time to judge it at
   * @return why it is refused; empty when it is good
   */
  Optional<Reason> refusal(X509Certificate[] presented, Instant now) {
    try {
      List<X509Certificate> path = path(parsed(presented));
      if (path.isEmpty()) {
        return Optional.of(Reason.UNKNOWN_AUTHORITY);
      }
      if (path.size() - 1 > depth) {
        return Optional.of(Reason.TOO_DEEP);
      }
      X509Certificate authority = validated(path, now);
      if (path.size() - 1 > authority.getBasicConstraints() || !NameLimits.allow(authority, path)) {
        return Optional.of(Reason.INVALID);
      }
      return path.stream().anyMatch(KeyStrength::isWeak)
          ? Optional.of(Reason.WEAK)
          : usageRefusal(path).or(() -> timeRefusal(authority, now));
    } catch (CertPathValidatorException e) {
      return Optional.of(reason(e));
    } catch (GeneralSecurityException | RuntimeException malformed) {
      // The certificates are a stranger's, and what parses them is lazy.
      return Optional.of(Reason.MALFORMED);
    }
  }

  private static List<X509Certificate> parsed(X509Certificate[] presented)
      throws GeneralSecurityException {
    // The engines have classes of their own, which path validation does not take.
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<X509Certificate> certificates = new ArrayList<>();
    for (int i = 0; i < Math.min(presented.length, MOST_PRESENTED); i++) {
      certificates.add(
          (X509Certificate)
              factory.generateCertificate(new ByteArrayInputStream(presented[i].getEncoded())));
    }
    return certificates;
  }

  /** Follows the issuers' names up to an authority's; empty when they do not lead to one. */
  private List<X509Certificate> path(List<X509Certificate> presented) {
    List<X509Certificate> left = new ArrayList<>(presented);
    List<X509Certificate> path = new ArrayList<>();
    X509Certificate last = left.remove(0);
    path.add(last);
    while (!names.contains(last.getIssuerX500Principal())) {
      X500Principal issuer = last.getIssuerX500Principal();
      Optional<X509Certificate> next =
          left.stream().filter(c -> c.getSubjectX500Principal().equals(issuer)).findFirst();
      if (next.isEmpty()) {
        return List.of();
      }
      last = next.get();
      left.remove(last);
      path.add(last);
    }
    return path;
  }

  /** Returns the authority that the path ends at. */
  private X509Certificate validated(List<X509Certificate> path, Instant now)
      throws GeneralSecurityException {
    PKIXParameters parameters = new PKIXParameters(anchors);
    parameters.setDate(Date.from(now));
    // Fetches nothing only as long as the runtime is not told to: see Authorities.
    parameters.setRevocationEnabled(authorities.checksRevocation());
    parameters.addCertStore(
        CertStore.getInstance(
            "Collection", new CollectionCertStoreParameters(authorities.revocations())));
    PKIXCertPathValidatorResult result =
        (PKIXCertPathValidatorResult)
            CertPathValidator.getInstance("PKIX")
                .validate(
                    CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
    return result.getTrustAnchor().getTrustedCert();
  }

  /** An issuer that is limited to other uses cannot vouch for clients either. */
  private static Optional<Reason> usageRefusal(List<X509Certificate> path)
      throws CertificateParsingException {
    boolean[] keyUsage = path.get(0).getKeyUsage();
    if (keyUsage != null && !keyUsage[DIGITAL_SIGNATURE]) {
      return Optional.of(Reason.WRONG_USAGE);
    }
    for (X509Certificate certificate : path) {
      List<String> uses = certificate.getExtendedKeyUsage();
      if (uses != null && !uses.contains(CLIENT_AUTH) && !uses.contains(ANY_EXTENDED_KEY_USAGE)) {
        return Optional.of(Reason.WRONG_USAGE);
      }
    }
    return Optional.empty();
  }

  /** RFC 5280 leaves an authority's own validity to whoever trusts it. */
  private static Optional<Reason> timeRefusal(X509Certificate authority, Instant now) {
    if (now.isAfter(authority.getNotAfter().toInstant())) {
      return Optional.of(Reason.EXPIRED);
    }
    return now.isBefore(authority.getNotBefore().toInstant())
        ? Optional.of(Reason.NOT_YET_VALID)
        : Optional.empty();
  }

  private static Reason reason(CertPathValidatorException e) {
    CertPathValidatorException.Reason told = e.getReason();
    if (told instanceof BasicReason basic) {
      return switch (basic) {
        case EXPIRED -> Reason.EXPIRED;
        case NOT_YET_VALID -> Reason.NOT_YET_VALID;
        case REVOKED -> Reason.REVOKED;
        case UNDETERMINED_REVOCATION_STATUS -> Reason.REVOCATION_UNKNOWN;
        case ALGORITHM_CONSTRAINED -> Reason.WEAK;
        case UNSPECIFIED, INVALID_SIGNATURE -> Reason.INVALID;
      };
    }
    return told == PKIXReason.NO_TRUST_ANCHOR ? Reason.UNKNOWN_AUTHORITY : Reason.INVALID;
  }
}
