package dev.postern.core.tls.ocsp;

import dev.postern.core.tls.KeyMaterial;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;

/**
 * A certificate whose status is asked for.
 *
 * @param certificate the certificate
 * @param issuer the certificate of who issued it
 */
public record OcspSubject(X509Certificate certificate, X509Certificate issuer) {
  private static final String AUTHORITY_INFORMATION_ACCESS = "1.3.6.1.5.5.7.1.1";
  private static final String TLS_FEATURE = "1.3.6.1.5.5.7.1.24";
  private static final int STATUS_REQUEST = 5;

  /**
   * Finds the issuer of a certificate that is shown.
   *
   * @return empty when it is not known who that is, or the certificate is its own
   */
  public static Optional<OcspSubject> of(KeyMaterial material) {
    X509Certificate certificate = material.chain().get(0);
    return material
        .issuer()
        .filter(issuer -> !issuer.equals(certificate) && isIssued(certificate, issuer))
        .map(issuer -> new OcspSubject(certificate, issuer));
  }

  static boolean isIssued(X509Certificate certificate, X509Certificate issuer) {
    if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())) {
      return false;
    }
    try {
      certificate.verify(issuer.getPublicKey());
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  /**
   * Returns the responder that the certificate names (RFC 5280 §4.2.2.1): the first by plain HTTP,
   * since a response is signed and TLS would ask for the next certificate's status.
   */
  public Optional<URI> responder() {
    byte[] extension = certificate.getExtensionValue(AUTHORITY_INFORMATION_ACCESS);
    if (extension == null) {
      return Optional.empty();
    }
    try {
      return Arrays.stream(
              AuthorityInformationAccess.getInstance(
                      JcaX509ExtensionUtils.parseExtensionValue(extension))
                  .getAccessDescriptions())
          .filter(a -> a.getAccessMethod().equals(AccessDescription.id_ad_ocsp))
          .map(AccessDescription::getAccessLocation)
          .filter(name -> name.getTagNo() == GeneralName.uniformResourceIdentifier)
          .flatMap(name -> http(name.getName().toString()).stream())
          .findFirst();
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      return Optional.empty();
    }
  }

  private static Optional<URI> http(String text) {
    try {
      URI uri = URI.create(text);
      return "http".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null
          ? Optional.of(uri)
          : Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /**
   * Says whether clients refuse a certificate without a response: TLS feature {@code
   * status_request} (RFC 7633), called must-staple.
   */
  public static boolean mustStaple(X509Certificate certificate) {
    byte[] extension = certificate.getExtensionValue(TLS_FEATURE);
    if (extension == null) {
      return false;
    }
    try {
      for (var feature :
          ASN1Sequence.getInstance(JcaX509ExtensionUtils.parseExtensionValue(extension))) {
        if (ASN1Integer.getInstance(feature).hasValue(STATUS_REQUEST)) {
          return true;
        }
      }
      return false;
    } catch (IOException | IllegalArgumentException | IllegalStateException e) {
      return false;
    }
  }
}
