package dev.postern.deploy.certificate;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.nist.NISTNamedCurves;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;

/** The fields of one certificate as lines of text. Nothing of it can harm a terminal. Pure. */
final class CertificateText {
  private static final ASN1ObjectIdentifier TLS_FEATURE =
      new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.24");
  private static final int STATUS_REQUEST = 5;
  private static final HexFormat COLONS = HexFormat.ofDelimiter(":").withUpperCase();
  private static final String UNREADABLE = "cannot be read";

  private final X509Certificate certificate;

  CertificateText(X509Certificate certificate) {
    this.certificate = certificate;
  }

  static String line(String field, String value) {
    return "  %-14s %s".formatted(Printable.of(field), Printable.of(value));
  }

  static String brief(X509Certificate certificate) {
    return name(certificate.getSubjectX500Principal())
        + ", until "
        + certificate.getNotAfter().toInstant();
  }

  List<String> lines(Instant now) {
    List<String> lines = new ArrayList<>();
    lines.add(line("subject", name(certificate.getSubjectX500Principal())));
    for (String name : names()) {
      lines.add(line("name", name));
    }
    lines.add(line("issued by", name(certificate.getIssuerX500Principal())));
    lines.add(line("serial number", certificate.getSerialNumber().toString(16)));
    lines.add(line("valid", validity(now)));
    lines.add(line("key", key(certificate.getPublicKey())));
    lines.add(line("signature", certificate.getSigAlgName()));
    lines.add(line("must-staple", mustStaple()));
    lines.add(line("SHA-256", COLONS.formatHex(sha256(encoded()))));
    lines.add(line("SHA-256 of key", spki()));
    return lines;
  }

  /**
   * Returns records that pin the key (RFC 6698 §2.1: DANE-EE, SPKI, SHA-256), for whoever signs the
   * zone with DNSSEC.
   */
  List<String> tlsaRecords(Collection<String> hostnames, Collection<Integer> ports) {
    List<String> hosts =
        hostnames.isEmpty()
            ? dnsNames().stream().filter(name -> !name.startsWith("*")).limit(1).toList()
            : List.copyOf(hostnames);
    List<String> lines = new ArrayList<>();
    for (String host : hosts) {
      for (int port : ports) {
        lines.add(line("TLSA", "_%d._tcp.%s. IN TLSA 3 1 1 %s".formatted(port, host, spki())));
      }
    }
    return lines;
  }

  private String validity(Instant now) {
    Instant begin = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    long days = ChronoUnit.DAYS.between(now, end);
    return "%s until %s (%s)"
        .formatted(
            begin,
            end,
            now.isBefore(begin)
                ? "not yet valid"
                : now.isBefore(end) ? "days left: " + days : "expired");
  }

  private static String key(PublicKey key) {
    if (key instanceof RSAKey rsa) {
      return "RSA, bits: " + rsa.getModulus().bitLength();
    }
    ASN1Encodable parameters =
        SubjectPublicKeyInfo.getInstance(key.getEncoded()).getAlgorithm().getParameters();
    if (parameters instanceof ASN1ObjectIdentifier curve) {
      String name = NISTNamedCurves.getName(curve);
      return "ECDSA, curve: " + (name == null ? curve.getId() : name);
    }
    return key.getAlgorithm();
  }

  private String mustStaple() {
    try {
      Extension extension = holder().getExtension(TLS_FEATURE);
      if (extension == null) {
        return "no";
      }
      for (ASN1Encodable feature : ASN1Sequence.getInstance(extension.getParsedValue())) {
        if (ASN1Integer.getInstance(feature).hasValue(STATUS_REQUEST)) {
          return "yes: Postern must staple (RFC 7633)";
        }
      }
      return "no";
    } catch (IllegalArgumentException malformed) {
      return UNREADABLE;
    }
  }

  private List<String> names() {
    List<String> names = new ArrayList<>();
    for (GeneralName name : alternativeNames()) {
      names.add(text(name));
    }
    return names;
  }

  private List<String> dnsNames() {
    return alternativeNames().stream()
        .filter(name -> name.getTagNo() == GeneralName.dNSName)
        .map(name -> name.getName().toString())
        .toList();
  }

  private List<GeneralName> alternativeNames() {
    try {
      GeneralNames names =
          GeneralNames.fromExtensions(holder().getExtensions(), Extension.subjectAlternativeName);
      return names == null ? List.of() : Arrays.asList(names.getNames());
    } catch (IllegalArgumentException malformed) {
      return List.of();
    }
  }

  private static String text(GeneralName name) {
    String srv = SrvName.textOf(name);
    if (srv != null) {
      return "SRV-ID " + srv;
    }
    return switch (name.getTagNo()) {
      case GeneralName.dNSName -> "DNS-ID " + name.getName();
      case GeneralName.iPAddress -> "address " + address(name);
      case GeneralName.rfc822Name -> "mail address " + name.getName();
      case GeneralName.uniformResourceIdentifier -> "URI " + name.getName();
      case GeneralName.directoryName -> "directory name " + name.getName();
      default -> "of another kind (" + name.getTagNo() + ")";
    };
  }

  private static String address(GeneralName name) {
    try {
      return InetAddress.getByAddress(ASN1OctetString.getInstance(name.getName()).getOctets())
          .getHostAddress();
    } catch (UnknownHostException | IllegalArgumentException malformed) {
      return UNREADABLE;
    }
  }

  private static String name(X500Principal principal) {
    String name = principal.getName();
    return name.isEmpty() ? "(none)" : name;
  }

  private String spki() {
    return HexFormat.of().formatHex(sha256(certificate.getPublicKey().getEncoded()));
  }

  private X509CertificateHolder holder() {
    try {
      return new JcaX509CertificateHolder(certificate);
    } catch (CertificateEncodingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private byte[] encoded() {
    try {
      return certificate.getEncoded();
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read has an encoding", e);
    }
  }

  private static byte[] sha256(byte[] octets) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(octets);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
