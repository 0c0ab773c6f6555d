package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads private keys from PEM files. The usual form, unencrypted PKCS#8, is read by the JDK alone,
 * which keeps Bouncy Castle's classes out of an ordinary start; the others take the longer way.
 */
public final class KeyReader {
  private KeyReader() {}

  /**
   * Reads the one key of a file.
   *
   * @param password file with its password; not looked at for a key that is not encrypted
   * @throws CertificateException when there is no key that can be read; the message names the file,
   *     says what to do, and quotes nothing
   */
  public static PrivateKey read(Path file, Optional<Path> password) throws CertificateException {
    PemBlock key = only(file);
    if (key.label().equals("PRIVATE KEY")) {
      try {
        return pkcs8(key.decoded());
      } catch (GeneralSecurityException | IllegalArgumentException e) {
        throw damaged(file);
      }
    }
    if (!isEncrypted(key)) {
      try {
        return EncodedKey.read(key, null);
      } catch (Exception e) {
        // not the cause: it may quote the file, which is a key
        throw damaged(file);
      }
    }
    if (password.isEmpty()) {
      throw new CertificateException(
          file + " is encrypted: name a file that holds its password, key-password-file");
    }
    char[] secret = PasswordFile.read(password.get());
    try {
      return EncodedKey.read(key, secret);
    } catch (Exception e) {
      throw new CertificateException(
          "%s cannot be decrypted: is %s the file with its password?"
              .formatted(file, password.get()));
    } finally {
      Arrays.fill(secret, '\0');
    }
  }

  private static CertificateException damaged(Path file) {
    return new CertificateException(
        file
            + " holds a private key that cannot be read: it should be RSA or ECDSA, in PEM"
            + " (PKCS#8, PKCS#1 or SEC 1); write it anew");
  }

  private static PemBlock only(Path file) throws CertificateException {
    String text = new String(FileContent.read(file), ISO_8859_1);
    List<PemBlock> keys;
    try {
      keys =
          PemBlock.of(text).stream()
              .filter(block -> block.label().endsWith("PRIVATE KEY"))
              .toList();
    } catch (CertificateException e) {
      throw new CertificateException(file + " " + e.getMessage(), e);
    }
    if (keys.isEmpty()) {
      throw new CertificateException(file + " holds no private key in PEM form (PKCS#8)");
    }
    if (keys.size() > 1) {
      throw new CertificateException(
          "%s holds %d private keys: keep the one of the certificate".formatted(file, keys.size()));
    }
    PemBlock key = keys.get(0);
    return switch (key.label()) {
      case "PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY" -> key;
      case "OPENSSH PRIVATE KEY" ->
          throw new CertificateException(
              file + " is a key of OpenSSH: convert a copy, ssh-keygen -p -m PKCS8 -f COPY");
      default ->
          throw new CertificateException(
              "%s holds a key of a kind that TLS clients do not take (%s): RSA or ECDSA"
                  .formatted(file, key.label()));
    };
  }

  private static boolean isEncrypted(PemBlock key) {
    // the second is the way of the traditional forms (RFC 1421 §4.6.1.1)
    return key.label().startsWith("ENCRYPTED ")
        || (key.content().contains("Proc-Type:") && key.content().contains("ENCRYPTED"));
  }

  /** Decodes a PrivateKeyInfo (RFC 5208 §5). */
  static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
    PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(der);
    GeneralSecurityException last = new CertificateException("no key");
    for (String algorithm : List.of("EC", "RSA", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(spec);
      } catch (GeneralSecurityException e) {
        last = e;
      }
    }
    throw last;
  }
}
