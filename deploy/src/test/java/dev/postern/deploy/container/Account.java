package dev.postern.deploy.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Somebody with a mailbox.
 *
 * @param user login name and mail address
 * @param password for everything
 */
record Account(String user, String password) {

  /**
   * Looks somebody up in a password file of Dovecot's, with passwords in cleartext.
   *
   * @param name the local part of the address
   */
  static Account in(Path users, String name) throws IOException {
    String line =
        Files.readAllLines(users).stream()
            .filter(each -> each.startsWith(name + "@"))
            .findFirst()
            .orElseThrow(() -> new IOException("no " + name + " in " + users));
    String[] parts = line.split(":\\{PLAIN}", -1);
    if (parts.length != 2) {
      throw new IOException("not user:{PLAIN}password: " + Arrays.toString(parts));
    }
    return new Account(parts[0], parts[1]);
  }

  /** Leaves the password out. */
  @Override
  public String toString() {
    return user;
  }
}
