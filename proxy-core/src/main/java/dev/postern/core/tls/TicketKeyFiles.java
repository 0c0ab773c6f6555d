package dev.postern.core.tls;

import dev.postern.core.tls.TicketKeys.Ticket;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads keys of session tickets from files that several processes share, so that a client resumes
 * with any of them. Pure but for the reading; never quotes what a file holds.
 */
public final class TicketKeyFiles {
  /** With AES-256 and a longer HMAC key: what other servers take too, but not this engine. */
  private static final int LONG_KEY = 80;

  private static final int ENOUGH_TO_TELL = 4096;

  private TicketKeyFiles() {}

  /** What became of reading. */
  public sealed interface Result {
    /**
     * All files hold a key.
     *
     * @param keys in the order of the files: the first encrypts, all decrypt
     */
    record Read(TicketKeys keys) implements Result {}

    /**
     * Something is wrong with at least one of them.
     *
     * @param problems in the order of the files; never empty
     */
    record Refused(List<Remark> problems) implements Result {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }

  /**
   * Something about one file.
   *
   * @param index of the file among those that were to be read, from 0
   * @param message a sentence that begins with the file's name
   * @param suggestion what to do
   */
  public record Remark(int index, String message, String suggestion) {}

  /**
   * Reads all files.
   *
   * @param files the first is that of the key that encrypts
   */
  public static Result read(List<Path> files) {
    List<Ticket> keys = new ArrayList<>();
    List<Remark> problems = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      Path file = files.get(i);
      try {
        byte[] octets = octets(file);
        if (octets.length != Ticket.SIZE) {
          problems.add(wrongSize(i, file, octets.length));
          continue;
        }
        Ticket key = Ticket.of(octets);
        if (keys.stream().anyMatch(other -> Arrays.equals(other.name(), key.name()))) {
          problems.add(
              new Remark(
                  i,
                  file + " holds the same key as a file before it",
                  "name each key once, the newest first"));
          continue;
        }
        keys.add(key);
      } catch (IOException e) {
        problems.add(
            new Remark(
                i,
                file + " cannot be read: " + reason(e),
                "make it by: openssl rand 48, and let the user that runs Postern read it"));
      }
    }
    return problems.isEmpty()
        ? new Result.Read(new TicketKeys(keys))
        : new Result.Refused(problems);
  }

  private static byte[] octets(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(ENOUGH_TO_TELL);
    }
  }

  private static Remark wrongSize(int index, Path file, int size) {
    String what =
        size == LONG_KEY
            ? file + " holds a key of 80 octets, for AES-256; the TLS engine takes keys of 48 alone"
            : file + " holds " + atLeast(size) + " octets; a ticket key has 48, not encoded";
    return new Remark(index, what, "make a key by: openssl rand 48 > " + file);
  }

  private static String atLeast(int size) {
    return size < ENOUGH_TO_TELL ? Integer.toString(size) : size + " or more";
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException
        ? "there is no such file"
        : e.getClass().getSimpleName();
  }
}
