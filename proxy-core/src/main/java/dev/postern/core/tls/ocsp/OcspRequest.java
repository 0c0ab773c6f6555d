package dev.postern.core.tls.ocsp;

import java.io.IOException;
import java.security.cert.CertificateEncodingException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.operator.DigestCalculator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** What is asked of a responder (RFC 6960 §4.1). */
final class OcspRequest {
  private OcspRequest() {}

  /**
   * Builds a request in the form that every responder takes (RFC 5019 §2.1.1): one certificate,
   * named by SHA-1, which is no matter of trust here; no nonce, so that it may be answered from a
   * cache; not signed.
   *
   * @return the request in DER
   * @throws IllegalStateException when the certificates cannot be encoded
   */
  static byte[] about(OcspSubject subject) {
    try {
      DigestCalculator sha1 =
          new JcaDigestCalculatorProviderBuilder().build().get(CertificateID.HASH_SHA1);
      return new OCSPReqBuilder()
          .addRequest(
              new CertificateID(
                  sha1,
                  new JcaX509CertificateHolder(subject.issuer()),
                  subject.certificate().getSerialNumber()))
          .build()
          .getEncoded();
    } catch (OCSPException
        | OperatorCreationException
        | CertificateEncodingException
        | IOException e) {
      throw new IllegalStateException("no OCSP request can be built", e);
    }
  }
}
