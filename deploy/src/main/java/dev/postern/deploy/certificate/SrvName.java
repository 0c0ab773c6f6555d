package dev.postern.deploy.certificate;

import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.OtherName;
import org.jspecify.annotations.Nullable;

/**
 * A name by which clients know a service that they found by an SRV record (SRV-ID, RFC 4985, RFC
 * 7817 §3).
 *
 * @param service the service as in SRV records, without the underscore: {@code imaps}
 * @param domain the domain that users have their addresses in
 */
public record SrvName(String service, String domain) {
  private static final ASN1ObjectIdentifier ID_ON_DNS_SRV =
      new ASN1ObjectIdentifier("1.3.6.1.5.5.7.8.7");

  /** Returns the name as it stands in certificates: {@code _imaps.example.org}. */
  public String text() {
    return "_" + service + "." + domain;
  }

  GeneralName generalName() {
    return new GeneralName(
        GeneralName.otherName,
        new DERSequence(
            new ASN1Encodable[] {
              ID_ON_DNS_SRV, new DERTaggedObject(true, 0, new DERIA5String(text(), true))
            }));
  }

  /** Returns the text of an SRV-ID, or null for any other kind of name. */
  static @Nullable String textOf(GeneralName name) {
    if (name.getTagNo() != GeneralName.otherName) {
      return null;
    }
    try {
      OtherName other = OtherName.getInstance(name.getName());
      ASN1Encodable value = other.getValue();
      if (value instanceof ASN1TaggedObject tagged) {
        value = tagged.getExplicitBaseObject();
      }
      return other.getTypeID().equals(ID_ON_DNS_SRV) && value instanceof ASN1IA5String text
          ? text.getString()
          : null;
    } catch (IllegalArgumentException | IllegalStateException malformed) {
      return null;
    }
  }
}
