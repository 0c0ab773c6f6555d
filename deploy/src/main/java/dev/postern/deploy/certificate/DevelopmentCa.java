package dev.postern.deploy.certificate;

import dev.postern.core.tls.KeyMaterial;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A certification authority that issues a single certificate and then forgets its key: whoever
 * comes to trust it trusts nothing else by that.
 */
public final class DevelopmentCa {
  private static final Duration CLOCK_SKEW = Duration.ofHours(1);
  private static final int SERIAL_BITS = 127;
  private static final X500Principal AUTHORITY = new X500Principal("CN=Postern development CA");

  private DevelopmentCa() {}

  /**
   * What is left of the authority.
   *
   * @param authority its own certificate, for clients to trust
   * @param server the certificate it issued, alone, with its key
   */
  public record Issued(X509Certificate authority, KeyMaterial server) {}

  /**
   * Founds an authority and has it issue one certificate.
   *
   * @param dnsNames names of the server, the first is the subject's
   * @param addresses addresses of the server
   * @param now the time
   * @param validity how long both certificates are valid
   * @param algorithm the kind of both keys
   */
  public static Issued issue(
      List<String> dnsNames,
      List<String> addresses,
      Instant now,
      Duration validity,
      KeyAlgorithm algorithm)
      throws GeneralSecurityException, IOException {
    SecureRandom random = new SecureRandom();
    KeyPair authorityKey = algorithm.generate();
    KeyPair serverKey = algorithm.generate();
    JcaX509ExtensionUtils identifiers = new JcaX509ExtensionUtils();

    JcaX509v3CertificateBuilder authority =
        builder(AUTHORITY, random, now, validity, AUTHORITY, authorityKey);
    authority
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(0))
        .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign))
        .addExtension(
            Extension.subjectKeyIdentifier,
            false,
            identifiers.createSubjectKeyIdentifier(authorityKey.getPublic()));

    JcaX509v3CertificateBuilder server =
        builder(
            AUTHORITY,
            random,
            now,
            validity,
            new X500Principal("CN=" + dnsNames.get(0)),
            serverKey);
    server
        .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
        .addExtension(Extension.keyUsage, true, new KeyUsage(usage(algorithm)))
        .addExtension(
            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
        .addExtension(
            Extension.subjectAlternativeName, false, alternativeNames(dnsNames, addresses))
        .addExtension(
            Extension.authorityKeyIdentifier,
            false,
            identifiers.createAuthorityKeyIdentifier(authorityKey.getPublic()));
    return new Issued(
        sign(authority, authorityKey),
        new KeyMaterial(List.of(sign(server, authorityKey)), serverKey.getPrivate()));
  }

  // TLS 1.0 and 1.1 may use RSA keys for encryption too.
  private static int usage(KeyAlgorithm algorithm) {
    return switch (algorithm) {
      case ECDSA -> KeyUsage.digitalSignature;
      case RSA -> KeyUsage.digitalSignature | KeyUsage.keyEncipherment;
    };
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Principal issuer,
      SecureRandom random,
      Instant now,
      Duration validity,
      X500Principal subject,
      KeyPair key) {
    return new JcaX509v3CertificateBuilder(
        issuer,
        new BigInteger(SERIAL_BITS, random).setBit(SERIAL_BITS - 1),
        Date.from(now.minus(CLOCK_SKEW)),
        Date.from(now.plus(validity)),
        subject,
        key.getPublic());
  }

  private static GeneralNames alternativeNames(List<String> dnsNames, List<String> addresses) {
    GeneralName[] names = new GeneralName[dnsNames.size() + addresses.size()];
    int n = 0;
    for (String name : dnsNames) {
      names[n++] = new GeneralName(GeneralName.dNSName, name);
    }
    for (String address : addresses) {
      names[n++] = new GeneralName(GeneralName.iPAddress, address);
    }
    return new GeneralNames(names);
  }

  private static X509Certificate sign(JcaX509v3CertificateBuilder certificate, KeyPair key)
      throws GeneralSecurityException {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(
              certificate.build(
                  new JcaContentSignerBuilder(PublicKeys.signatureAlgorithm(key.getPublic()))
                      .build(key.getPrivate())));
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }
}
