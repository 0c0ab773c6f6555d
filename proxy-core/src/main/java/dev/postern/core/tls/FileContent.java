package dev.postern.core.tls;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;

/** Files as certificates, keys and passwords are kept in: there, readable, and not large. */
final class FileContent {
  private static final long MOST_OCTETS = 1 << 20;

  private FileContent() {}

  /**
   * Reads a file.
   *
   * @throws CertificateException when it cannot be read; the message names the file and says what
   *     to do
   */
  static byte[] read(Path file) throws CertificateException {
    if (!Files.exists(file)) {
      throw new CertificateException(
          file + " does not exist: relative names are relative to the configuration file");
    }
    if (!Files.isRegularFile(file)) {
      throw new CertificateException(file + " is not a file: give the name of one");
    }
    try {
      if (Files.size(file) > MOST_OCTETS) {
        throw new CertificateException(
            file + " is larger than a certificate ever is: is this the right file?");
      }
      return Files.readAllBytes(file);
    } catch (AccessDeniedException e) {
      throw new CertificateException(
          file + " may not be read: let the user that runs Postern read it", e);
    } catch (IOException e) {
      throw new CertificateException(file + " cannot be read: " + e.getMessage(), e);
    }
  }
}
