package dev.postern.core.tls;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;

/** For which hosts a certificate is, in lower case. Pure. */
public final class CertificateNames {
  private static final int DNS_NAME = 2;

  private CertificateNames() {}

  /**
   * Returns the names by which a server finds the certificate to show: the dNSNames of the
   * subjectAltName, and the subject's commonName only where there are none (RFC 6125 §6.4.4).
   */
  public static List<String> of(X509Certificate certificate) {
    List<String> alternative = alternative(certificate);
    return alternative.isEmpty() ? common(certificate) : alternative;
  }

  /** Returns the dNSNames of the subjectAltName, the only names that clients of today look at. */
  public static List<String> alternative(X509Certificate certificate) {
    try {
      Collection<List<?>> names = certificate.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream()
              .filter(name -> name.get(0).equals(DNS_NAME))
              .map(name -> String.valueOf(name.get(1)).toLowerCase(Locale.ROOT))
              .distinct()
              .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  private static List<String> common(X509Certificate certificate) {
    try {
      return new LdapName(certificate.getSubjectX500Principal().getName())
          .getRdns().stream()
              .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
              .map(Rdn::getValue)
              .filter(String.class::isInstance)
              .map(name -> ((String) name).toLowerCase(Locale.ROOT))
              .toList();
    } catch (InvalidNameException e) {
      return List.of();
    }
  }
}
