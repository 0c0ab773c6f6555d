package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.util.Arrays;

/** A file that holds a password and nothing else. */
final class PasswordFile {
  private PasswordFile() {}

  /**
   * Reads a password: UTF-8, without the line end that editors put behind it.
   *
   * @return the caller's to overwrite
   * @throws CertificateException when the file cannot be read; the message says what to do
   */
  static char[] read(Path file) throws CertificateException {
    byte[] octets = FileContent.read(file);
    int end = octets.length;
    if (end > 0 && octets[end - 1] == '\n') {
      end--;
      if (end > 0 && octets[end - 1] == '\r') {
        end--;
      }
    }
    try {
      CharBuffer decoded = UTF_8.newDecoder().decode(ByteBuffer.wrap(octets, 0, end));
      char[] password = new char[decoded.remaining()];
      decoded.get(password);
      Arrays.fill(decoded.array(), '\0');
      return password;
    } catch (CharacterCodingException e) {
      throw new CertificateException(file + " is not UTF-8: write the password anew", e);
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }
}
