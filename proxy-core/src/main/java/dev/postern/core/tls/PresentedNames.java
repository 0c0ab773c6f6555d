package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1IA5String;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1PrintableString;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.OtherName;
import org.jspecify.annotations.Nullable;

/**
 * The names in a certificate, each with its kind and just as they are encoded: nothing here stops
 * at a NUL, and what is not text becomes the empty text.
 *
 * @param commonNames of the subject
 * @param emails rfc822Name entries of the subjectAltName
 * @param userPrincipalNames otherName entries of that kind
 * @param shown entries of the subjectAltName to be shown: bounded, escaped, each with its kind
 */
record PresentedNames(
    List<String> commonNames,
    List<String> emails,
    List<String> userPrincipalNames,
    List<String> shown) {
  private static final String SUBJECT_ALT_NAME = "2.5.29.17";
  private static final String USER_PRINCIPAL_NAME = "1.3.6.1.4.1.311.20.2.3";
  private static final int LONGEST_SUBJECT = 512;
  private static final int LONGEST_NAME = 255;
  private static final int MOST_SHOWN = 16;

  /** Not in RFC 4514 §3, but everywhere in subjects, and registered (RFC 4519, RFC 2985). */
  private static final Map<String, String> KEYWORDS =
      Map.of("1.2.840.113549.1.9.1", "emailAddress", "2.5.4.5", "serialNumber");

  PresentedNames {
    commonNames = List.copyOf(commonNames);
    emails = List.copyOf(emails);
    userPrincipalNames = List.copyOf(userPrincipalNames);
    shown = List.copyOf(shown);
  }

  /** Reads a certificate; one whose names are not as RFC 5280 has them has none. */
  static PresentedNames of(X509Certificate certificate) {
    byte[] extension = certificate.getExtensionValue(SUBJECT_ALT_NAME);
    return of(
        certificate.getSubjectX500Principal(),
        extension == null ? null : ASN1OctetString.getInstance(extension).getOctets());
  }

  /** Reads a subject and the value of a subjectAltName, null where there is none. */
  static PresentedNames of(X500Principal subject, byte @Nullable [] alternativeNames) {
    try {
      return read(subject, alternativeNames);
    } catch (RuntimeException malformed) {
      // The only way in which the ASN.1 parser tells, and not all at once: it is lazy.
      return new PresentedNames(List.of(), List.of(), List.of(), List.of());
    }
  }

  private static PresentedNames read(X500Principal subject, byte @Nullable [] alternativeNames) {
    List<String> commonNames = new ArrayList<>();
    Arrays.stream(X500Name.getInstance(subject.getEncoded()).getRDNs())
        .flatMap(rdn -> Arrays.stream(rdn.getTypesAndValues()))
        .filter(attribute -> attribute.getType().equals(BCStyle.CN))
        .map(AttributeTypeAndValue::getValue)
        .forEach(value -> commonNames.add(text(value)));
    List<String> emails = new ArrayList<>();
    List<String> principals = new ArrayList<>();
    List<String> shown = new ArrayList<>();
    if (alternativeNames != null) {
      for (GeneralName name : GeneralNames.getInstance(alternativeNames).getNames()) {
        if (name.getTagNo() == GeneralName.rfc822Name) {
          emails.add(text(name.getName()));
        }
        userPrincipalName(name).ifPresent(principals::add);
        if (shown.size() < MOST_SHOWN) {
          shown.add(shown(name));
        }
      }
    }
    return new PresentedNames(commonNames, emails, principals, shown);
  }

  private static Optional<String> userPrincipalName(GeneralName name) {
    if (name.getTagNo() != GeneralName.otherName) {
      return Optional.empty();
    }
    OtherName other = OtherName.getInstance(name.getName());
    return other.getTypeID().getId().equals(USER_PRINCIPAL_NAME)
        ? Optional.of(text(other.getValue()))
        : Optional.empty();
  }

  private static String shown(GeneralName name) {
    ASN1Encodable value = name.getName();
    return switch (name.getTagNo()) {
      case GeneralName.otherName ->
          userPrincipalName(name)
              .map(principal -> shown("upn", principal))
              .orElseGet(() -> "other:" + OtherName.getInstance(value).getTypeID().getId());
      case GeneralName.rfc822Name -> shown("email", text(value));
      case GeneralName.dNSName -> shown("dns", text(value));
      case GeneralName.uniformResourceIdentifier -> shown("uri", text(value));
      case GeneralName.iPAddress -> "ip:" + address(ASN1OctetString.getInstance(value).getOctets());
      case GeneralName.directoryName -> shown("dn", X500Name.getInstance(value).toString());
      default -> "other";
    };
  }

  private static String shown(String kind, String name) {
    return kind + ":" + escaped(name.replace("\\", "\\5C"), LONGEST_NAME);
  }

  private static String address(byte[] octets) {
    try {
      return InetAddress.getByAddress(octets).getHostAddress();
    } catch (UnknownHostException notAnAddress) {
      return "";
    }
  }

  /** Returns the text of a string type that has one reading only; others have none. */
  private static String text(ASN1Encodable value) {
    try {
      return switch (value.toASN1Primitive()) {
        case ASN1UTF8String utf8 -> utf8.getString();
        case ASN1PrintableString printable -> ascii(printable.getString());
        case ASN1IA5String ia5 -> ascii(ia5.getString());
        default -> "";
      };
    } catch (IllegalArgumentException notUtf8) {
      return "";
    }
  }

  private static String ascii(String text) {
    return text.chars().allMatch(c -> c < 0x80) ? text : "";
  }

  /** Returns the subject as in RFC 4514, of printable characters, cut where it is very long. */
  static String subject(X509Certificate certificate) {
    return escaped(certificate.getSubjectX500Principal());
  }

  /** Returns a distinguished name as in RFC 4514, of printable characters. */
  static String escaped(X500Principal name) {
    return escaped(name.getName(X500Principal.RFC2253, KEYWORDS), LONGEST_SUBJECT);
  }

  /**
   * Writes what has no visible form as RFC 4514 §2.4 has it: its octets, each after a backslash.
   */
  private static String escaped(String text, int longest) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); ) {
      int c = text.codePointAt(i);
      i += Character.charCount(c);
      if (Identity.isVisible(c) || c == ' ') {
        out.appendCodePoint(c);
      } else {
        for (byte octet : Character.toString(c).getBytes(UTF_8)) {
          out.append('\\').append(HexFormat.of().withUpperCase().toHexDigits(octet));
        }
      }
      if (out.length() > longest) {
        return out.append('…').toString();
      }
    }
    return out.toString();
  }
}
