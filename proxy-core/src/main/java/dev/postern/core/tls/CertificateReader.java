package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads certificates with their keys from files. What comes of it can be shown to clients: the
 * chain is in order, the key is the first certificate's, and neither is weak. Blocks on the file
 * system.
 */
public final class CertificateReader {
  private static final int SEQUENCE = 0x30;

  private CertificateReader() {}

  /**
   * Reads a certificate, its issuers and its key, however they are kept.
   *
   * @throws CertificateException when a file cannot be read, holds something else than is expected,
   *     or something weak; the message names the file and says what to do, and never quotes a key
   */
  public static KeyMaterial read(CertificateFiles files) throws CertificateException {
    return switch (files) {
      case CertificateFiles.Pem pem -> {
        PrivateKey key = KeyReader.read(pem.key(), pem.password());
        yield of(certificates(pem.chain()), key, pem.chain(), "the key in " + pem.key());
      }
      case CertificateFiles.Pkcs12 pkcs12 -> {
        KeyMaterial stored = Pkcs12Reader.read(pkcs12);
        yield of(stored.chain(), stored.key(), pkcs12.store(), "its key");
      }
    };
  }

  private static KeyMaterial of(
      List<X509Certificate> found, PrivateKey key, Path file, String keyName)
      throws CertificateException {
    try {
      List<X509Certificate> chain = ChainOrder.mend(found, key, keyName);
      KeyMaterial material =
          new KeyMaterial(chain, key, Optional.ofNullable(ChainOrder.issuer(chain.get(0), found)));
      KeyStrength.check(material.chain().get(0).getPublicKey());
      return material;
    } catch (CertificateException e) {
      throw new CertificateException(file + " " + e.getMessage(), e);
    }
  }

  /**
   * Reads the certificates of a PEM file, in the order in which they stand there.
   *
   * @return at least one
   * @throws CertificateException when there is none, or one that cannot be read; the message names
   *     the file and says what to do
   */
  public static List<X509Certificate> certificates(Path file) throws CertificateException {
    byte[] octets = FileContent.read(file);
    try {
      List<X509Certificate> found = new ArrayList<>();
      for (PemBlock block : PemBlock.of(new String(octets, ISO_8859_1))) {
        if (block.label().equals("CERTIFICATE") || block.label().equals("X509 CERTIFICATE")) {
          found.add(certificate(block, found.size() + 1));
        }
      }
      if (found.isEmpty()) {
        throw new CertificateException(
            octets.length > 0 && octets[0] == SEQUENCE
                ? "is not PEM but seems to be DER: convert it, openssl x509 -inform DER -in FILE"
                : "holds no PEM certificate: it should hold the server's and its issuers'");
      }
      return List.copyOf(found);
    } catch (CertificateException e) {
      throw new CertificateException(file + " " + e.getMessage(), e);
    }
  }

  private static X509Certificate certificate(PemBlock block, int number)
      throws CertificateException {
    try {
      return (X509Certificate)
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(block.decoded()));
    } catch (CertificateException | IllegalArgumentException e) {
      throw new CertificateException(
          "is damaged: certificate number " + number + " cannot be read; write the file anew", e);
    }
  }
}
