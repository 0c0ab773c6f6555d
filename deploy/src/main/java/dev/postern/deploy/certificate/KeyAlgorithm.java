package dev.postern.deploy.certificate;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/** The kinds of key that are made for servers: those that every mail program can verify. */
public enum KeyAlgorithm {
  /** ECDSA with P-256: what new certificates should have. */
  ECDSA,
  /** RSA of 2048 bits, for mail programs that know nothing else. */
  RSA;

  private static final int RSA_BITS = 2048;

  /** Makes a new key. */
  public KeyPair generate() throws GeneralSecurityException {
    return switch (this) {
      case ECDSA -> {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        yield generator.generateKeyPair();
      }
      case RSA -> {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(RSA_BITS);
        yield generator.generateKeyPair();
      }
    };
  }
}
