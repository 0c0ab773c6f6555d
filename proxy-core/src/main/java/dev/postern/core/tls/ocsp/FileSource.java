package dev.postern.core.tls.ocsp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A file that somebody else keeps fresh. Read when it has changed. */
final class FileSource implements StapleSource {
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final Path file;
  private @Nullable Stamp seen;

  FileSource(Path file) {
    this.file = file;
  }

  private record Stamp(@Nullable Object identity, FileTime modified, long size) {}

  private static final Stamp ABSENT = new Stamp(null, FileTime.fromMillis(0), -1);

  @Override
  public String name() {
    return "the file " + file;
  }

  @Override
  public synchronized CompletableFuture<Optional<byte[]>> next() {
    Stamp now = stamp();
    if (now.equals(seen)) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    seen = now;
    try (InputStream in = Files.newInputStream(file)) {
      byte[] octets = in.readNBytes(HttpResponder.LARGEST + 1);
      return octets.length > HttpResponder.LARGEST
          ? failed("holds more than %d octets".formatted(HttpResponder.LARGEST))
          : CompletableFuture.completedFuture(Optional.of(octets));
    } catch (NoSuchFileException e) {
      return failed("is not there");
    } catch (IOException e) {
      return failed("cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private Stamp stamp() {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
    } catch (IOException e) {
      return ABSENT;
    }
  }

  private static CompletableFuture<Optional<byte[]>> failed(String reason) {
    return CompletableFuture.failedFuture(new OcspUnreachable(reason));
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
