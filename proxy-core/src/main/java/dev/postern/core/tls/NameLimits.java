package dev.postern.core.tls;

import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraintValidatorException;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.asn1.x509.PKIXNameConstraintValidator;

/**
 * The name constraints in an authority's own certificate (RFC 5280 §4.2.1.10). Path validation may
 * leave them out, and the JDK's does; but who trusts an authority that is limited to its own domain
 * does not expect it to vouch for others.
 */
final class NameLimits {
  private static final String NAME_CONSTRAINTS = "2.5.29.30";
  private static final String SUBJECT_ALT_NAME = "2.5.29.17";

  private NameLimits() {}

  /** Says whether an authority's constraints, if it has any, can be applied. */
  static boolean areReadable(X509Certificate authority) {
    try {
      byte[] extension = authority.getExtensionValue(NAME_CONSTRAINTS);
      if (extension != null) {
        validator(extension);
      }
      return true;
    } catch (RuntimeException malformed) {
      return false;
    }
  }

  /** Says whether an authority may vouch for all names in a path. */
  static boolean allow(X509Certificate authority, List<X509Certificate> path) {
    byte[] extension = authority.getExtensionValue(NAME_CONSTRAINTS);
    if (extension == null) {
      return true;
    }
    try {
      PKIXNameConstraintValidator validator = validator(extension);
      for (X509Certificate certificate : path) {
        check(certificate, validator);
      }
      return true;
    } catch (NameConstraintValidatorException forbidden) {
      return false;
    }
  }

  private static PKIXNameConstraintValidator validator(byte[] extension) {
    NameConstraints constraints =
        NameConstraints.getInstance(ASN1OctetString.getInstance(extension).getOctets());
    PKIXNameConstraintValidator validator = new PKIXNameConstraintValidator();
    GeneralSubtree[] permitted = constraints.getPermittedSubtrees();
    if (permitted != null) {
      validator.intersectPermittedSubtree(permitted);
    }
    GeneralSubtree[] excluded = constraints.getExcludedSubtrees();
    if (excluded != null) {
      for (GeneralSubtree subtree : excluded) {
        validator.addExcludedSubtree(subtree);
      }
    }
    return validator;
  }

  private static void check(X509Certificate certificate, PKIXNameConstraintValidator validator)
      throws NameConstraintValidatorException {
    X500Name subject = X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
    if (subject.size() > 0) {
      validator.checkPermittedDN(subject);
      validator.checkExcludedDN(subject);
    }
    for (RDN rdn : subject.getRDNs(BCStyle.EmailAddress)) {
      for (AttributeTypeAndValue attribute : rdn.getTypesAndValues()) {
        if (attribute.getType().equals(BCStyle.EmailAddress)
            && attribute.getValue() instanceof ASN1String email) {
          validator.checkPermittedEmail(email.getString());
          validator.checkExcludedEmail(email.getString());
        }
      }
    }
    byte[] alternatives = certificate.getExtensionValue(SUBJECT_ALT_NAME);
    if (alternatives != null) {
      byte[] names = ASN1OctetString.getInstance(alternatives).getOctets();
      for (GeneralName name : GeneralNames.getInstance(names).getNames()) {
        validator.checkPermitted(name);
        validator.checkExcluded(name);
      }
    }
  }
}
