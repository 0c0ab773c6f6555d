package dev.postern.core.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.KeyStoreException;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Reads the one key of a PKCS#12 file (RFC 7292) and all its certificates. */
final class Pkcs12Reader {
  private Pkcs12Reader() {}

  /**
   * Reads a store.
   *
   * @return its key, and its certificates in no order that could be relied on
   * @throws CertificateException when it cannot be read, or holds no key or several; the message
   *     names the file and says what to do
   */
  static KeyMaterial read(CertificateFiles.Pkcs12 files) throws CertificateException {
    Path file = files.store();
    byte[] octets = FileContent.read(file);
    char[] password =
        files.password().isPresent() ? PasswordFile.read(files.password().get()) : new char[0];
    try {
      return material(store(octets, password), file, password);
    } catch (IOException | KeyStoreException | UnrecoverableKeyException e) {
      // not the cause: it may quote the store
      throw new CertificateException(
          files
              .password()
              .map(
                  named ->
                      "%s cannot be read: is it PKCS#12, and %s the file with its password?"
                          .formatted(file, named))
              .orElse(
                  file
                      + " cannot be read: is it PKCS#12? If it has a password, name a file that"
                      + " holds it, password-file"));
    } finally {
      Arrays.fill(password, '\0');
    }
  }

  private static KeyStore store(byte[] octets, char[] password)
      throws IOException, KeyStoreException {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(new ByteArrayInputStream(octets), password);
      return store;
    } catch (NoSuchAlgorithmException | CertificateException e) {
      throw new KeyStoreException(e);
    }
  }

  private static KeyMaterial material(KeyStore store, Path file, char[] password)
      throws KeyStoreException, UnrecoverableKeyException, CertificateException {
    List<String> aliases = Collections.list(store.aliases());
    List<String> keys = new ArrayList<>();
    List<X509Certificate> certificates = new ArrayList<>();
    for (String alias : aliases) {
      if (store.isKeyEntry(alias)) {
        keys.add(alias);
        Certificate[] chain = store.getCertificateChain(alias);
        if (chain != null) {
          add(List.of(chain), certificates);
        }
      } else if (store.getCertificate(alias) != null) {
        add(List.of(store.getCertificate(alias)), certificates);
      }
    }
    if (keys.isEmpty()) {
      throw new CertificateException(
          file + " holds no private key: export the certificate together with its key");
    }
    if (keys.size() > 1) {
      throw new CertificateException(
          "%s holds %d private keys (%s): export one to a file of its own"
              .formatted(file, keys.size(), String.join(", ", keys)));
    }
    if (certificates.isEmpty()) {
      throw new CertificateException(
          file + " holds a private key without a certificate: export both together");
    }
    try {
      if (store.getKey(keys.get(0), password) instanceof PrivateKey key) {
        return new KeyMaterial(certificates, key);
      }
    } catch (NoSuchAlgorithmException e) {
      throw new KeyStoreException(e);
    }
    throw new CertificateException(file + " holds a key that is not a private key");
  }

  private static void add(List<Certificate> some, List<X509Certificate> certificates) {
    some.forEach(
        certificate -> {
          if (certificate instanceof X509Certificate x509) {
            certificates.add(x509);
          }
        });
  }
}
