package dev.postern.deploy.backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;

/** Who may do what: the user who runs the tests, and with files the users that servers run as. */
final class Privileges {

  private static final Path SELF = Path.of("/proc/self");

  private Privileges() {}

  static boolean isRoot() {
    try {
      return Files.getAttribute(SELF, "unix:uid").equals(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the system has a name for the user who runs the tests. */
  static boolean hasName() {
    try {
      return !Files.getOwner(SELF).getName().matches("\\d+");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the system has such a user. */
  static boolean knows(String user) {
    try {
      principals(Path.of("/")).lookupPrincipalByName(user);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  static Path give(Path file, String user) throws IOException {
    return Files.setOwner(file, principals(file).lookupPrincipalByName(user));
  }

  static Path giveGroup(Path file, String group) throws IOException {
    Files.getFileAttributeView(file, PosixFileAttributeView.class)
        .setGroup(principals(file).lookupPrincipalByGroupName(group));
    return file;
  }

  /** Sets permissions, written as {@code ls -l} does, whatever the umask is. */
  static Path set(Path file, String permissions) throws IOException {
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }

  private static UserPrincipalLookupService principals(Path file) {
    return file.getFileSystem().getUserPrincipalLookupService();
  }
}
