package dev.postern.deploy.backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Predicate;

/** A file that a server appends lines to. Until the server writes to it, it need not exist. */
record LogFile(Path path) {

  /** Everything up to now. */
  String text() {
    return new String(from(0, Integer.MAX_VALUE), StandardCharsets.UTF_8);
  }

  /** The end of it, for a failure's message. */
  String tail() {
    String text = text();
    return path.getFileName() + ":\n" + text.substring(Math.max(0, text.length() - 4000));
  }

  /** A reading from the start on, which sees each line once. */
  Reading reading() {
    return new Reading(0);
  }

  /** A reading of what is written from now on. */
  Reading readingFromNow() {
    return new Reading(size());
  }

  private byte[] from(long offset, int atMost) {
    try (FileChannel file = FileChannel.open(path).position(offset)) {
      return Channels.newInputStream(file).readNBytes(atMost);
    } catch (NoSuchFileException e) {
      return new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private long size() {
    try {
      return Files.exists(path) ? Files.size(path) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  final class Reading {

    /** As much as is read at once; a log can be larger than what the tests may hold. */
    private static final int BLOCK = 1 << 20;

    private long offset;

    private Reading(long offset) {
      this.offset = offset;
    }

    /** Whether one of the lines written since the last call matches; the first that does. */
    Optional<String> next(Predicate<String> line) {
      for (String lines = block(); !lines.isEmpty(); lines = block()) {
        Optional<String> found = lines.lines().filter(line).findFirst();
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    }

    private String block() {
      byte[] added = size() == offset ? new byte[0] : from(offset, BLOCK);
      int length = added.length;
      while (length > 0 && added[length - 1] != '\n') {
        length--;
      }
      offset += length;
      return new String(added, 0, length, StandardCharsets.UTF_8);
    }
  }
}
