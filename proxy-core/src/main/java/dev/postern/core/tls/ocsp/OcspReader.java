package dev.postern.core.tls.ocsp;

import dev.postern.core.tls.ocsp.OcspAnswer.Good;
import dev.postern.core.tls.ocsp.OcspAnswer.Refused;
import dev.postern.core.tls.ocsp.OcspAnswer.Revoked;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.bouncycastle.asn1.ocsp.ResponderID;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.BasicOCSPResp;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.RespID;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.SingleResp;
import org.bouncycastle.operator.DigestCalculatorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/**
 * Judges the octets of a response as a client will (RFC 6960 §3.2): about this certificate, signed
 * by its issuer or by whom the issuer has charged with it, and good now. Pure; whatever the octets
 * are, the outcome is a value.
 */
final class OcspReader {
  private static final String OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";

  /** How far a responder's clock may be ahead. */
  private static final Duration SKEW = Duration.ofMinutes(5);

  private OcspReader() {}

  static OcspAnswer read(byte[] der, OcspSubject subject, Instant now) {
    try {
      OCSPResp envelope = new OCSPResp(der);
      if (envelope.getStatus() != OCSPResp.SUCCESSFUL) {
        return new Refused("says: " + status(envelope.getStatus()));
      }
      return envelope.getResponseObject() instanceof BasicOCSPResp basic
          ? judge(der, basic, subject, now)
          : new Refused("is of an unknown type");
    } catch (IOException
        | OCSPException
        | OperatorCreationException
        | GeneralSecurityException
        | RuntimeException e) {
      // Bouncy Castle reports octets that make no sense by exceptions of every kind, some of which
      // quote them.
      return new Refused("is no OCSP response that can be read");
    }
  }

  private static OcspAnswer judge(byte[] der, BasicOCSPResp basic, OcspSubject subject, Instant now)
      throws OCSPException, OperatorCreationException, GeneralSecurityException {
    Optional<X509Certificate> signer = signer(basic, subject, now);
    if (signer.isEmpty()) {
      return new Refused(
          "is signed neither by the issuer nor by a responder that the issuer has certified");
    }
    if (!basic.isSignatureValid(
        new JcaContentVerifierProviderBuilder().build(signer.get().getPublicKey()))) {
      return new Refused("has a signature that is not valid");
    }
    Optional<SingleResp> single = about(basic, subject);
    return single.isEmpty()
        ? new Refused("is about another certificate")
        : judge(der, single.get(), now);
  }

  private static OcspAnswer judge(byte[] der, SingleResp single, Instant now) {
    Instant thisUpdate = single.getThisUpdate().toInstant();
    Date end = single.getNextUpdate();
    if (end == null) {
      return new Refused("does not say until when it may be used");
    }
    Instant nextUpdate = end.toInstant();
    if (thisUpdate.isAfter(now.plus(SKEW))) {
      return new Refused("is of the future, " + thisUpdate + ": is the clock right?");
    }
    if (!nextUpdate.isAfter(now)) {
      return new Refused("was to be used until " + nextUpdate);
    }
    if (!nextUpdate.isAfter(thisUpdate)) {
      return new Refused("ends before it begins");
    }
    CertificateStatus status = single.getCertStatus();
    // Good is null: so it is in Bouncy Castle.
    if (status == null) {
      return new Good(new OcspResponse(der, thisUpdate, nextUpdate));
    }
    return status instanceof RevokedStatus revoked
        ? new Revoked(revoked.getRevocationTime().toInstant(), thisUpdate)
        : new Refused("does not know the certificate");
  }

  private static Optional<SingleResp> about(BasicOCSPResp basic, OcspSubject subject)
      throws OCSPException, OperatorCreationException, GeneralSecurityException {
    DigestCalculatorProvider digests = new JcaDigestCalculatorProviderBuilder().build();
    X509CertificateHolder issuer = new JcaX509CertificateHolder(subject.issuer());
    for (SingleResp single : basic.getResponses()) {
      if (single.getCertID().getSerialNumber().equals(subject.certificate().getSerialNumber())
          && single.getCertID().matchesIssuer(issuer, digests)) {
        return Optional.of(single);
      }
    }
    return Optional.empty();
  }

  /** Finds whose key must have signed: the issuer's, or one of those that came along. */
  private static Optional<X509Certificate> signer(
      BasicOCSPResp basic, OcspSubject subject, Instant now)
      throws GeneralSecurityException, OCSPException, OperatorCreationException {
    List<X509Certificate> delegates =
        Arrays.stream(basic.getCerts()).flatMap(OcspReader::certificate).toList();
    if (isNamed(basic.getResponderId(), subject.issuer())) {
      return Optional.of(subject.issuer());
    }
    for (X509Certificate delegate : delegates) {
      if (isNamed(basic.getResponderId(), delegate) && isCharged(delegate, subject, now)) {
        return Optional.of(delegate);
      }
    }
    return Optional.empty();
  }

  private static Stream<X509Certificate> certificate(X509CertificateHolder holder) {
    try {
      return Stream.of(new JcaX509CertificateConverter().getCertificate(holder));
    } catch (GeneralSecurityException e) {
      return Stream.empty();
    }
  }

  private static boolean isNamed(RespID id, X509Certificate certificate)
      throws GeneralSecurityException, OCSPException, OperatorCreationException {
    X509CertificateHolder holder = new JcaX509CertificateHolder(certificate);
    ResponderID responder = id.toASN1Primitive();
    if (responder.getName() != null) {
      return responder.getName().equals(holder.getSubject());
    }
    return id.equals(
        new RespID(
            holder.getSubjectPublicKeyInfo(),
            new JcaDigestCalculatorProviderBuilder().build().get(RespID.HASH_SHA1)));
  }

  /** RFC 6960 §4.2.2.2: issued by the same issuer, directly, and for this purpose. */
  private static boolean isCharged(X509Certificate delegate, OcspSubject subject, Instant now)
      throws GeneralSecurityException {
    List<String> purposes = delegate.getExtendedKeyUsage();
    return purposes != null
        && purposes.contains(OCSP_SIGNING)
        && !now.isBefore(delegate.getNotBefore().toInstant())
        && !now.isAfter(delegate.getNotAfter().toInstant())
        && OcspSubject.isIssued(delegate, subject.issuer());
  }

  private static String status(int status) {
    return switch (status) {
      case OCSPResp.MALFORMED_REQUEST -> "malformedRequest";
      case OCSPResp.INTERNAL_ERROR -> "internalError";
      case OCSPResp.TRY_LATER -> "tryLater";
      case OCSPResp.SIG_REQUIRED -> "sigRequired";
      case OCSPResp.UNAUTHORIZED -> "unauthorized";
      default -> "status " + status;
    };
  }
}
