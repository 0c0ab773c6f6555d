package dev.postern.core.tls;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.util.Locale;

/** Which keys and signatures are too weak to prove anything (RFC 9325 §4.4, §4.5). */
final class KeyStrength {
  private static final int RSA_BITS = 2048;
  private static final int EC_BITS = 256;

  private KeyStrength() {}

  /** Says whether a certificate's key, or the signature on it, is too weak. */
  static boolean isWeak(X509Certificate certificate) {
    String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
    return signature.startsWith("MD")
        || signature.startsWith("SHA1")
        || isWeak(certificate.getPublicKey());
  }

  /** Says whether a key is too short, or of a kind that nobody uses any more. */
  static boolean isWeak(PublicKey key) {
    return switch (key) {
      case RSAKey rsa -> rsa.getModulus().bitLength() < RSA_BITS;
      case ECKey ec -> ec.getParams().getOrder().bitLength() < EC_BITS;
      case EdECKey ed -> false;
      default -> true;
    };
  }
}
