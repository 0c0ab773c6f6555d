package dev.postern.core.tls;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which keys are good enough to show (RFC 9325 §4.5), and known to clients. Pure. */
public final class KeyStrength {
  private static final int LEAST_RSA_BITS = 2048;
  private static final String ADVICE =
      "; ask for one with ECDSA on P-256, or RSA with 2048 bits or more";

  private static final List<String> CURVES = List.of("secp256r1", "secp384r1", "secp521r1");

  private KeyStrength() {}

  /**
   * Judges a key.
   *
   * @return what is wrong with it, to follow "has"; empty when it is good
   */
  public static Optional<String> weakness(PublicKey key) {
    if (key instanceof RSAKey rsa) {
      int bits = rsa.getModulus().bitLength();
      return bits < LEAST_RSA_BITS
          ? Optional.of("an RSA key of %d bits, which is too weak".formatted(bits))
          : Optional.empty();
    }
    if (key instanceof ECPublicKey ec) {
      return CURVES.stream().anyMatch(curve -> isOn(curve, ec.getParams()))
          ? Optional.empty()
          : Optional.of("a key on a curve that TLS clients do not take");
    }
    // the TLS engine has no handshake with Ed25519, and no public authority issues it
    return Optional.of("a key of a kind that TLS clients do not take, " + key.getAlgorithm());
  }

  /** Says whether a certificate's key, or the signature on it, is too weak to prove anything. */
  static boolean isWeak(X509Certificate certificate) {
    String signature = certificate.getSigAlgName().toUpperCase(Locale.ROOT);
    return signature.startsWith("MD")
        || signature.startsWith("SHA1")
        || weakness(certificate.getPublicKey()).isPresent();
  }

  /**
   * Refuses weak keys.
   *
   * @throws CertificateException the message is a sentence without its subject, and says what to do
   */
  static void check(PublicKey key) throws CertificateException {
    String weakness = weakness(key).orElse(null);
    if (weakness != null) {
      throw new CertificateException("has " + weakness + ADVICE);
    }
  }

  private static boolean isOn(String curve, ECParameterSpec own) {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec(curve));
      ECParameterSpec known = parameters.getParameterSpec(ECParameterSpec.class);
      return own.getCurve().equals(known.getCurve())
          && own.getGenerator().equals(known.getGenerator())
          && own.getOrder().equals(known.getOrder());
    } catch (GeneralSecurityException e) {
      // a JDK without this curve has no key on it either
      return false;
    }
  }
}
