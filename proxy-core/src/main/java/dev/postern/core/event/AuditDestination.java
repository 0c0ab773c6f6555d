package dev.postern.core.event;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Where the audit log goes. */
public sealed interface AuditDestination {

  /**
   * A file, appended to; created, readable by owner and group only, when there is none.
   *
   * @param path of the file; its directory must exist
   */
  record ToFile(Path path) implements AuditDestination {
    private static final Set<StandardOpenOption> APPEND =
        Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND);

    @Override
    public OutputStream open() throws IOException {
      return Channels.newOutputStream(Files.newByteChannel(path, APPEND, permissions()));
    }

    private FileAttribute<?>[] permissions() {
      return path.getFileSystem().supportedFileAttributeViews().contains("posix")
          ? new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"))
          }
          : new FileAttribute<?>[0];
    }
  }

  /**
   * A stream that belongs to somebody else, standard output for instance: it is flushed, never
   * closed.
   *
   * @param stream takes the lines
   */
  record ToStream(OutputStream stream) implements AuditDestination {
    @Override
    public OutputStream open() {
      return new FilterOutputStream(stream) {
        @Override
        public void write(byte[] octets, int offset, int length) throws IOException {
          out.write(octets, offset, length);
        }

        @Override
        public void close() throws IOException {
          flush();
        }
      };
    }
  }

  /** Opens it, for the first time or anew. */
  OutputStream open() throws IOException;
}
