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
    return new String(from(0), StandardCharsets.UTF_8);
  }

  /** The end of it, for a failure's message. */
  String tail() {
    String text = text();
    return path.getFileName() + ":\n" + text.substring(Math.max(0, text.length() - 4000));
  }

  /** A reading from the start on, which sees each line once. */
  Reading reading() {
    return new Reading();
  }

  private byte[] from(long offset) {
    try (FileChannel file = FileChannel.open(path).position(offset)) {
      return Channels.newInputStream(file).readAllBytes();
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

    private long offset;

    /** The first of the lines written since the last call that matches. */
    Optional<String> next(Predicate<String> line) {
      if (size() == offset) {
        return Optional.empty();
      }
      byte[] added = from(offset);
      int length = added.length;
      while (length > 0 && added[length - 1] != '\n') {
        length--;
      }
      offset += length;
      String complete = new String(added, 0, length, StandardCharsets.UTF_8);
      return complete.lines().filter(line).findFirst();
    }
  }
}
