package dev.postern.core.tls.ocsp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/**
 * A file that somebody else keeps fresh. Read at each look, changed or not: what was refused may be
 * good later, when the clock was set right, and a response is small.
 */
final class FileSource implements StapleSource {
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final Path file;

  FileSource(Path file) {
    this.file = file;
  }

  @Override
  public String name() {
    return "the file " + file;
  }

  @Override
  public CompletableFuture<byte[]> next() {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] octets = in.readNBytes(HttpResponder.LARGEST + 1);
      return octets.length > HttpResponder.LARGEST
          ? failed("holds more than %d octets".formatted(HttpResponder.LARGEST))
          : CompletableFuture.completedFuture(octets);
    } catch (NoSuchFileException e) {
      return failed("is not there");
    } catch (IOException e) {
      return failed("cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private static CompletableFuture<byte[]> failed(String reason) {
    return CompletableFuture.failedFuture(new OcspUnreachable(reason));
  }

  @Override
  public boolean isEachFailureNews() {
    return false;
  }

  @Override
  public Duration pause(OcspResponse response, Instant now) {
    return PAUSE;
  }

  @Override
  public Duration pauseAfter(int failures) {
    return PAUSE;
  }
}
