package dev.postern.deploy.certificate;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/** Public keys, found from the private ones: key files need not hold both. */
final class PublicKeys {
  private PublicKeys() {}

  static PublicKey of(PrivateKey key) throws GeneralSecurityException {
    return switch (key) {
      case RSAPrivateCrtKey rsa ->
          KeyFactory.getInstance("RSA")
              .generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
      case ECPrivateKey ec -> of(ec);
      default ->
          throw new InvalidKeyException(
              "a key of the kind "
                  + key.getAlgorithm()
                  + " is not for mail servers; use one for RSA or ECDSA");
    };
  }

  private static PublicKey of(ECPrivateKey key) throws GeneralSecurityException {
    try {
      if (!(PrivateKeyFactory.createKey(key.getEncoded()) instanceof ECPrivateKeyParameters ec)) {
        throw new InvalidKeyException("not a key on an elliptic curve");
      }
      ECPublicKeyParameters point =
          new ECPublicKeyParameters(
              new FixedPointCombMultiplier().multiply(ec.getParameters().getG(), ec.getD()),
              ec.getParameters());
      return KeyFactory.getInstance("EC")
          .generatePublic(
              new X509EncodedKeySpec(
                  SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(point).getEncoded()));
    } catch (IOException e) {
      throw new InvalidKeyException("not a key on an elliptic curve", e);
    }
  }

  /** Names the signature that a key of this kind makes, with SHA-256. */
  static String signatureAlgorithm(PublicKey key) throws InvalidKeyException {
    return switch (key.getAlgorithm()) {
      case "RSA" -> "SHA256withRSA";
      case "EC" -> "SHA256withECDSA";
      default -> throw new InvalidKeyException("neither RSA nor ECDSA: " + key.getAlgorithm());
    };
  }
}
