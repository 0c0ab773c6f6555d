package dev.postern.core.config;

import dev.postern.core.sasl.MasterUser;
import dev.postern.core.sasl.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The account of a backend that may log in as any user.
 *
 * @param name name of the account
 * @param password file with its password, without a final line end
 */
public record MasterUserSettings(String name, Path password) {

  /**
   * Reads the password.
   *
   * @throws IOException when there is none that a backend could be given; its message says which
   *     file, and what to do about it
   */
  public MasterUser read() throws IOException {
    byte[] octets = octets();
    try {
      int length = withoutLineEnd(octets);
      if (length == 0) {
        throw new IOException(
            "the password file "
                + password
                + " is empty: write the master user's password into it");
      }
      for (int i = 0; i < length; i++) {
        if (octets[i] == '\n' || octets[i] == '\r' || octets[i] == 0) {
          throw new IOException(
              "the password file "
                  + password
                  + " has more than one line, or a NUL: it must hold the master user's password"
                  + " alone");
        }
      }
      return new MasterUser(name, Secret.copyOf(Arrays.copyOf(octets, length)));
    } finally {
      Arrays.fill(octets, (byte) 0);
    }
  }

  private byte[] octets() throws IOException {
    try {
      return Files.readAllBytes(password);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no password file " + password, e);
    } catch (IOException e) {
      throw new IOException(
          "the password file " + password + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static int withoutLineEnd(byte[] octets) {
    int length = octets.length;
    if (length > 0 && octets[length - 1] == '\n') {
      length--;
      if (length > 0 && octets[length - 1] == '\r') {
        length--;
      }
    }
    return length;
  }
}
