package dev.postern.core.tls.ocsp;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.math.BigInteger;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPRespBuilder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.jcajce.JcaRespID;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.jspecify.annotations.Nullable;

/** A certificate authority of one test: issues certificates and signs responses. */
public final class OcspAuthority {
  private static final String AIA = "1.3.6.1.5.5.7.1.1";
  private static final String TLS_FEATURE = "1.3.6.1.5.5.7.1.24";

  /** What most tests take for now. */
  static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  static final Duration LIFE = Duration.ofDays(4);

  final X509Bundle bundle;

  public OcspAuthority(String name) throws Exception {
    bundle = builder().subject("CN=" + name).setIsCertificateAuthority(true).buildSelfSigned();
  }

  private static CertificateBuilder builder() {
    return new CertificateBuilder()
        .ecp256()
        .notBefore(Instant.parse("2020-01-01T00:00:00Z"))
        .notAfter(Instant.parse("2040-01-01T00:00:00Z"));
  }

  /** Issues a certificate that names a responder. */
  public X509Bundle issue(URI responder, boolean mustStaple) throws Exception {
    CertificateBuilder leaf =
        builder()
            .subject("CN=mail.example.org")
            .addSanDnsName("mail.example.org")
            .addExtensionOctetString(
                AIA,
                false,
                new AuthorityInformationAccess(
                        AccessDescription.id_ad_ocsp,
                        new GeneralName(
                            GeneralName.uniformResourceIdentifier, responder.toString()))
                    .getEncoded());
    if (mustStaple) {
      leaf.addExtensionOctetString(
          TLS_FEATURE, false, new DERSequence(new ASN1Integer(5)).getEncoded());
    }
    return leaf.buildIssuedBy(bundle);
  }

  X509Bundle plain(Instant end) throws Exception {
    return builder().subject("CN=responder").notAfter(end).buildIssuedBy(bundle);
  }

  X509Bundle server(Instant end) throws Exception {
    return builder()
        .subject("CN=responder")
        .notAfter(end)
        .addExtendedKeyUsageServerAuth()
        .buildIssuedBy(bundle);
  }

  X509Bundle delegate(Instant end) throws Exception {
    return builder()
        .subject("CN=responder")
        .notAfter(end)
        .addExtendedKeyUsageOcspSigning()
        .buildIssuedBy(bundle);
  }

  OcspSubject subject(X509Bundle leaf) {
    return new OcspSubject(leaf.getCertificate(), bundle.getCertificate());
  }

  /** Signs that a certificate is good, from now on. */
  public byte[] good(X509Certificate about, Instant from, Duration life) throws Exception {
    return sign(bundle, about, CertificateStatus.GOOD, from, from.plus(life));
  }

  byte[] good(X509Bundle about) throws Exception {
    return good(about.getCertificate(), NOW, LIFE);
  }

  byte[] sign(
      X509Bundle signer,
      X509Certificate about,
      @Nullable CertificateStatus status,
      Instant from,
      @Nullable Instant until)
      throws Exception {
    return sign(signer, id(about.getSerialNumber()), status, from, until);
  }

  CertificateID id(BigInteger serial) throws Exception {
    return new CertificateID(
        new JcaDigestCalculatorProviderBuilder().build().get(CertificateID.HASH_SHA1),
        new JcaX509CertificateHolder(bundle.getCertificate()),
        serial);
  }

  static byte[] sign(
      X509Bundle signer,
      CertificateID id,
      @Nullable CertificateStatus status,
      Instant from,
      @Nullable Instant until)
      throws Exception {
    BasicOCSPRespBuilder response =
        new BasicOCSPRespBuilder(new JcaRespID(signer.getCertificate().getSubjectX500Principal()));
    response.addResponse(
        id, status, Date.from(from), until == null ? null : Date.from(until), null);
    return new OCSPRespBuilder()
        .build(
            OCSPResp.SUCCESSFUL,
            response.build(
                new JcaContentSignerBuilder("SHA256withECDSA")
                    .build(signer.getKeyPair().getPrivate()),
                new X509CertificateHolder[] {new JcaX509CertificateHolder(signer.getCertificate())},
                Date.from(from)))
        .getEncoded();
  }
}
