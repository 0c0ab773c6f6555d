package dev.postern.deploy.certificate;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Asks an authority for a certificate (PKCS#10, RFC 2986), without a challenge password. */
public final class SigningRequest {
  // ub-common-name, RFC 5280 appendix A.1
  private static final int LONGEST_COMMON_NAME = 64;

  private SigningRequest() {}

  /**
   * Makes a request.
   *
   * @param names what the certificate is to be for; the first is the subject's common name too, for
   *     authorities that insist on one, unless it is too long for that
   * @param key the server's private key, RSA or ECDSA
   * @return DER
   * @throws GeneralSecurityException when the key is of another kind
   */
  public static byte[] encode(RequestedNames names, PrivateKey key)
      throws GeneralSecurityException, IOException {
    PublicKey publicKey = PublicKeys.of(key);
    ExtensionsGenerator extensions = new ExtensionsGenerator();
    extensions.addExtension(Extension.subjectAlternativeName, false, names.generalNames());
    String first = names.dnsNames().get(0);
    X500Principal subject =
        new X500Principal(first.length() <= LONGEST_COMMON_NAME ? "CN=" + first : "");
    try {
      return new JcaPKCS10CertificationRequestBuilder(subject, publicKey)
          .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions.generate())
          .build(new JcaContentSignerBuilder(PublicKeys.signatureAlgorithm(publicKey)).build(key))
          .getEncoded();
    } catch (OperatorCreationException e) {
      throw new GeneralSecurityException(e);
    }
  }
}
