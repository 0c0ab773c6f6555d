package dev.postern.core.tls;

import java.io.IOException;
import java.io.StringReader;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.bc.BcPEMDecryptorProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcePKCSPBEInputDecryptorProviderBuilder;
import org.jspecify.annotations.Nullable;

/**
 * Keys that are encrypted (PKCS#8 by RFC 5958 §3, the others by RFC 1421) or of one algorithm
 * (PKCS#1, RFC 8017 §A.1.2; SEC 1, RFC 5915). By Bouncy Castle: nothing else may name its classes
 * on the way of an ordinary start, since loading them doubles it.
 */
final class EncodedKey {
  private EncodedKey() {}

  /**
   * Decodes a key.
   *
   * @param password null for a key that is not encrypted
   */
  static PrivateKey read(PemBlock block, char @Nullable [] password)
      throws IOException, GeneralSecurityException, OperatorCreationException, PKCSException {
    try (PEMParser parser = new PEMParser(new StringReader(block.encoded()))) {
      Object found = parser.readObject();
      if (found instanceof PEMKeyPair pair) {
        return key(pair.getPrivateKeyInfo());
      }
      if (found instanceof PEMEncryptedKeyPair pair && password != null) {
        return key(pair.decryptKeyPair(new BcPEMDecryptorProvider(password)).getPrivateKeyInfo());
      }
      if (found instanceof PKCS8EncryptedPrivateKeyInfo info && password != null) {
        return key(
            info.decryptPrivateKeyInfo(
                new JcePKCSPBEInputDecryptorProviderBuilder()
                    .setProvider(new BouncyCastleProvider())
                    .build(password)));
      }
      throw new IOException("no key");
    }
  }

  private static PrivateKey key(PrivateKeyInfo info) throws IOException, GeneralSecurityException {
    return KeyReader.pkcs8(info.getEncoded());
  }
}
