package dev.postern.core.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.postern.core.testkit.EventSamples;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditWriterTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-22T10:00:00Z"));
  private static final SessionContext CONTEXT = EventSamples.context(Optional.empty());

  @TempDir Path directory;

  @Test
  void writesEverythingInOrderBeforeItCloses() throws Exception {
    Path file = directory.resolve("audit.log");
    try (AuditWriter writer = start(new AuditDestination.ToFile(file), 10_000)) {
      IntStream.range(0, 5000).forEach(i -> writer.offer(CONTEXT, login(i)));
    }
    assertThat(users(Files.readString(file)))
        .isEqualTo(IntStream.range(0, 5000).mapToObj(i -> "u" + i).toList());
  }

  @Test
  void writesWhatAllThreadsOffer() throws Exception {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    AuditWriter writer = start(new AuditDestination.ToStream(stream), 10_000);
    List<Thread> threads =
        IntStream.range(0, 4)
            .mapToObj(
                t ->
                    Thread.ofPlatform()
                        .start(
                            () ->
                                IntStream.range(0, 500)
                                    .forEach(i -> writer.offer(CONTEXT, login(t * 500 + i)))))
            .toList();
    for (Thread thread : threads) {
      thread.join();
    }
    writer.close();
    assertThat(users(stream.toString(StandardCharsets.UTF_8)))
        .containsExactlyInAnyOrderElementsOf(
            IntStream.range(0, 2000).mapToObj(i -> "u" + i).toList());
  }

  @Test
  void appendsToAFileThatExists() throws Exception {
    Path file = Files.writeString(directory.resolve("audit.log"), "before\n");
    try (AuditWriter writer = start(new AuditDestination.ToFile(file), 10)) {
      writer.offer(CONTEXT, login(1));
    }
    assertThat(Files.readString(file)).startsWith("before\n{").contains("\"u1\"");
  }

  @Test
  void keepsTheFileFromOthers() throws Exception {
    Path file = directory.resolve("audit.log");
    start(new AuditDestination.ToFile(file), 10).close();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .startsWith("rw-")
        .endsWith("---");
  }

  @Test
  void flushesWhenNothingMoreIsWaiting() throws Exception {
    Path file = directory.resolve("audit.log");
    try (AuditWriter writer = start(new AuditDestination.ToFile(file), 10)) {
      writer.offer(CONTEXT, login(1));
      await().until(() -> Files.readString(file).endsWith("}\n"));
    }
  }

  @Test
  void writesToANewFileAfterRotation() throws Exception {
    Path file = directory.resolve("audit.log");
    Path rotated = directory.resolve("audit.log.1");
    try (AuditWriter writer = start(new AuditDestination.ToFile(file), 10)) {
      writer.offer(CONTEXT, login(1));
      await().until(() -> Files.size(file) > 0);
      Files.move(file, rotated);
      writer.reopen();
      await().until(() -> Files.exists(file));
      writer.offer(CONTEXT, login(2));
    }
    assertThat(users(Files.readString(rotated))).containsExactly("u1");
    assertThat(users(Files.readString(file))).containsExactly("u2");
  }

  @Test
  void dropsWhenTheDestinationCannotKeepUpAndSaysSo() throws Exception {
    Blocking stream = new Blocking();
    AuditWriter writer = start(new AuditDestination.ToStream(stream), 3);
    MeterRegistry registry = new SimpleMeterRegistry();
    writer.bindTo(registry);

    writer.offer(CONTEXT, login(0));
    stream.entered.await();
    IntStream.rangeClosed(1, 5).forEach(i -> writer.offer(CONTEXT, login(i)));
    assertThat(registry.get("postern.audit.waiting").gauge().value()).isEqualTo(3);
    assertThat(registry.get("postern.audit.dropped").functionCounter().count()).isEqualTo(2);
    stream.release.countDown();
    writer.close();

    String log = stream.toString(StandardCharsets.UTF_8);
    assertThat(users(log)).containsExactly("u0", "u1", "u2", "u3");
    assertThat(log)
        .endsWith("{\"time\":\"2026-11-22T10:00:00.000Z\",\"event\":\"audit-gap\",\"lost\":2}\n");
    assertThat(registry.get("postern.audit.written").functionCounter().count()).isEqualTo(4);
  }

  @Test
  void goesOnAfterAFailureOnALineOfItsOwn() throws Exception {
    Torn stream = new Torn();
    AuditWriter writer = start(new AuditDestination.ToStream(stream), 10);
    MeterRegistry registry = new SimpleMeterRegistry();
    writer.bindTo(registry);
    writer.offer(CONTEXT, login(1));
    await().until(() -> registry.get("postern.audit.dropped").functionCounter().count() == 1);
    stream.full = false;
    writer.offer(CONTEXT, login(2));
    writer.close();

    String[] lines = stream.toString(StandardCharsets.UTF_8).split("\n", -1);
    assertThat(lines).hasSize(4);
    assertThat(lines[0]).isEqualTo("{\"time\":");
    assertThat(lines[1]).startsWith("{").contains("\"u2\"").endsWith("}");
    assertThat(lines[2]).contains("\"audit-gap\",\"lost\":1}");
  }

  @Test
  void dropsWhatComesAfterItsEnd() throws Exception {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    AuditWriter writer = start(new AuditDestination.ToStream(stream), 10);
    writer.close();
    writer.offer(CONTEXT, login(1));
    writer.close();
    assertThat(stream.size()).isZero();
  }

  @Test
  void doesNotStartWithoutItsDestination() {
    Path file = directory.resolve("missing").resolve("audit.log");
    assertThatThrownBy(() -> start(new AuditDestination.ToFile(file), 10))
        .isInstanceOf(IOException.class);
  }

  @Test
  void theSinkLeavesOutWhatIsNotForAuditors() throws Exception {
    ByteArrayOutputStream stream = new ByteArrayOutputStream();
    AuditWriter writer = start(new AuditDestination.ToStream(stream), 100);
    AuditSink sink = new AuditSink(writer);
    EventSamples.all("x").forEach(e -> sink.accept(CONTEXT, e));
    writer.close();
    assertThat(stream.toString(StandardCharsets.UTF_8).lines())
        .hasSize(EventSamples.all("x").size() - 1)
        .noneMatch(l -> l.contains("backend-connected"));
  }

  private static AuditWriter start(AuditDestination destination, int capacity) throws IOException {
    return AuditWriter.start(destination, CLOCK, capacity);
  }

  private static SessionEvent login(int i) {
    return new SessionEvent.LoginEnded("u" + i, "PLAIN", LoginOutcome.SUCCESS);
  }

  private static List<String> users(String log) {
    List<String> users = new ArrayList<>();
    for (String line : log.split("\n", -1)) {
      int at = line.indexOf("\"user\":\"");
      if (at >= 0) {
        users.add(line.substring(at + 8, line.indexOf('"', at + 8)));
      }
    }
    return users;
  }

  /** Holds its first write until it is released. */
  private static final class Blocking extends ByteArrayOutputStream {
    final CountDownLatch entered = new CountDownLatch(1);
    final CountDownLatch release = new CountDownLatch(1);

    @Override
    public synchronized void write(byte[] octets, int offset, int length) {
      entered.countDown();
      try {
        release.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      super.write(octets, offset, length);
    }
  }

  /** A full disk: takes the beginning of a write and fails. */
  private static final class Torn extends OutputStream {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    volatile boolean full = true;

    @Override
    public void write(int octet) {
      written.write(octet);
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
      if (full) {
        written.write(octets, offset, Math.min(length, 8));
        throw new IOException("no space left on device");
      }
      written.write(octets, offset, length);
    }

    String toString(java.nio.charset.Charset charset) {
      return written.toString(charset);
    }
  }
}
