package dev.postern.core.tls;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where a certificate chain and its private key are kept. */
public sealed interface CertificateFiles {

  /** Returns every file that is read, for whoever watches them. */
  List<Path> paths();

  /**
   * Two PEM files (RFC 7468).
   *
   * @param chain the certificate, then its issuers
   * @param key the private key: PKCS#8, PKCS#1 or SEC 1, encrypted or not
   * @param password file with the key's password, where the key is encrypted
   */
  record Pem(Path chain, Path key, Optional<Path> password) implements CertificateFiles {
    @Override
    public List<Path> paths() {
      return Stream.concat(Stream.of(chain, key), password.stream()).toList();
    }
  }

  /**
   * One PKCS#12 file (RFC 7292) with exactly one key.
   *
   * @param store the file
   * @param password file with its password; empty for a store without one
   */
  record Pkcs12(Path store, Optional<Path> password) implements CertificateFiles {
    @Override
    public List<Path> paths() {
      return Stream.concat(Stream.of(store), password.stream()).toList();
    }
  }
}
