package dev.postern.deploy.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What can be seen of files from outside: two values differ when one of the files was written,
 * replaced, removed or made readable in between. Symbolic links are followed to their end, since
 * Kubernetes exchanges mounted secrets by turning a link of a parent directory.
 *
 * @param files by name; each name is there, the file need not be
 */
record Stamps(Map<Path, Stamp> files) {

  /**
   * One file.
   *
   * @param identity what tells files apart on this file system: device and inode; null where there
   *     is no such thing
   * @param modified when it was last written
   * @param size in octets; -1 when there is no such file
   * @param readable whether this process may read it: an operator may have mended just that
   */
  record Stamp(@Nullable Object identity, FileTime modified, long size, boolean readable) {
    private static final Stamp ABSENT = new Stamp(null, FileTime.fromMillis(0), -1, false);

    static Stamp of(Path file) {
      try {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new Stamp(
            attributes.fileKey(),
            attributes.lastModifiedTime(),
            attributes.size(),
            Files.isReadable(file));
      } catch (IOException e) {
        return ABSENT;
      }
    }
  }

  Stamps {
    files = Map.copyOf(files);
  }

  static Stamps of(Collection<Path> files) {
    Map<Path, Stamp> stamps = new HashMap<>();
    files.forEach(file -> stamps.put(file, Stamp.of(file)));
    return new Stamps(stamps);
  }

  /** Looks at the same files again. */
  Stamps again() {
    return of(files.keySet());
  }

  /** Returns these and more; where both have a file, the stamp that was taken first. */
  Stamps and(Stamps others) {
    Map<Path, Stamp> all = new HashMap<>(others.files);
    all.putAll(files);
    return new Stamps(all);
  }
}
