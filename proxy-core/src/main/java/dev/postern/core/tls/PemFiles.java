package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.openssl.PEMException;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;

/**
 * Reads certificates and keys from PEM files (RFC 7468). The usual form, unencrypted PKCS#8, is
 * read by the JDK alone, which keeps Bouncy Castle's classes out of an ordinary start; PKCS#1 and
 * SEC 1 keys take the longer way.
 */
public final class PemFiles {
  private static final String BEGIN_PKCS8 = "-----BEGIN PRIVATE KEY-----";
  private static final String END_PKCS8 = "-----END PRIVATE KEY-----";

  private PemFiles() {}

  /**
   * Reads a certificate chain and its key, however they are kept.
   *
   * @throws IOException when a file cannot be read
   * @throws CertificateException when a file holds something else than is expected; the message
   *     says what to do
   */
  public static KeyMaterial read(CertificateFiles files) throws IOException, CertificateException {
    return switch (files) {
      case CertificateFiles.Pem pem -> read(pem.chain(), pem.key());
      case CertificateFiles.Pkcs12 pkcs12 ->
          throw new CertificateException("PKCS#12 cannot be read yet: " + pkcs12.store());
    };
  }

  /**
   * Reads a certificate chain and its key.
   *
   * @throws IOException when a file cannot be read
   * @throws CertificateException when a file holds something else than is expected, or the key is
   *     another certificate's; the message says what to do
   */
  public static KeyMaterial read(Path chain, Path key) throws IOException, CertificateException {
    KeyMaterial material = new KeyMaterial(readChain(chain), readKey(key));
    if (!KeyMatch.matches(material.chain().get(0).getPublicKey(), material.key())) {
      throw new CertificateException(
          "the key in "
              + key
              + " is not that of the first certificate in "
              + chain
              + "; name the pair that was issued together");
    }
    return material;
  }

  private static List<X509Certificate> readChain(Path file)
      throws IOException, CertificateException {
    List<X509Certificate> chain;
    try (var in = Files.newInputStream(file)) {
      chain =
          CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
              .map(PemFiles::x509)
              .toList();
    } catch (CertificateException e) {
      throw new CertificateException(
          file + " is not a PEM certificate chain: " + e.getMessage(), e);
    }
    if (chain.isEmpty()) {
      throw new CertificateException(
          file + " holds no certificate; it should hold the server's and the intermediates");
    }
    return chain;
  }

  private static X509Certificate x509(Certificate certificate) {
    return (X509Certificate) certificate;
  }

  private static PrivateKey readKey(Path file) throws IOException, CertificateException {
    String text = Files.readString(file, US_ASCII);
    int begin = text.indexOf(BEGIN_PKCS8);
    int end = text.indexOf(END_PKCS8);
    try {
      return begin >= 0 && end > begin
          ? pkcs8(Base64.getMimeDecoder().decode(text.substring(begin + BEGIN_PKCS8.length(), end)))
          : traditional(text, file);
    } catch (GeneralSecurityException | PEMException | IllegalArgumentException e) {
      // the cause may quote the file, which is a key
      throw new CertificateException(
          file + " does not hold an unencrypted private key in PEM form (PKCS#8, PKCS#1 or SEC 1)");
    }
  }

  private static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
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

  private static PrivateKey traditional(String text, Path file)
      throws IOException, CertificateException {
    try (PEMParser parser = new PEMParser(new StringReader(text))) {
      for (Object found = parser.readObject(); found != null; found = parser.readObject()) {
        if (found instanceof PEMKeyPair pair) {
          return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
        }
      }
    }
    throw new CertificateException(file + " holds no private key");
  }
}
