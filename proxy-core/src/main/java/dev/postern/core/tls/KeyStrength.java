package dev.postern.core.tls;

import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Optional;
import java.util.Set;

/** Which keys are good enough to show (RFC 9325 §4.5), and known to clients. Pure. */
public final class KeyStrength {
  private static final int LEAST_RSA_BITS = 2048;
  private static final String ADVICE =
      "; ask for one with ECDSA on P-256, or RSA with 2048 bits or more";

  /** P-256, P-384, P-521, as the JDK names them. */
  private static final Set<String> CURVES =
      Set.of("1.2.840.10045.3.1.7", "1.3.132.0.34", "1.3.132.0.35");

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
      return isKnown(ec)
          ? Optional.empty()
          : Optional.of("a key on a curve that TLS clients do not take");
    }
    return key instanceof EdECPublicKey edwards && edwards.getParams().getName().equals("Ed25519")
        ? Optional.empty()
        : Optional.of("a key of a kind that TLS clients do not take, " + key.getAlgorithm());
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

  private static boolean isKnown(ECPublicKey key) {
    try {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(key.getParams());
      return CURVES.contains(parameters.getParameterSpec(ECGenParameterSpec.class).getName());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
