package dev.postern.deploy.certificate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Writes files whole or not at all: nobody ever reads half of a key. */
public final class NewFiles {
  private static final Set<PosixFilePermission> FOR_ALL =
      PosixFilePermissions.fromString("rw-r--r--");

  private NewFiles() {}

  /**
   * Writes a file that is for its owner alone, in place of one that may be there.
   *
   * @param text ASCII
   */
  public static void writeSecret(Path file, String text) throws IOException {
    replace(fresh(file, text), file);
  }

  /**
   * Writes a file that everybody may read, in place of one that may be there.
   *
   * @param text ASCII
   */
  public static void writePublic(Path file, String text) throws IOException {
    Path fresh = fresh(file, text);
    if (fresh.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.setPosixFilePermissions(fresh, FOR_ALL);
    }
    replace(fresh, file);
  }

  /**
   * Makes sure that nothing is lost by writing.
   *
   * @throws FileAlreadyExistsException with the name of the first file that is there
   */
  public static void refuseExisting(Path... files) throws FileAlreadyExistsException {
    for (Path file : files) {
      if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new FileAlreadyExistsException(file.toString());
      }
    }
  }

  private static Path fresh(Path file, String text) throws IOException {
    // Files of this kind come into being readable for their owner only.
    Path fresh = Files.createTempFile(file.toAbsolutePath().getParent(), "new", ".tmp");
    try {
      return Files.write(fresh, text.getBytes(US_ASCII));
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      throw e;
    }
  }

  private static void replace(Path fresh, Path file) throws IOException {
    try {
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      throw e;
    }
  }
}
