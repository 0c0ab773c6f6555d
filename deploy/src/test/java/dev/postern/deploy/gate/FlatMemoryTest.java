package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.Account;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetric;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * A huge message needs no more memory than a small one. How huge says the system property {@code
 * postern.test.huge-message}, in MiB.
 */
@Tag("CCO-3.3")
class FlatMemoryTest {
  private static final int MEBIBYTE = 1 << 20;
  private static final int MEBIBYTES = Integer.getInteger("postern.test.huge-message", 1024);

  /** How often memory is looked at. */
  private static final int LOOKS = 8;

  /** How many equal looks in a row say that a client gets no further. */
  private static final int STANDSTILL = 4;

  /** Beyond what the process has before the message, in octets. */
  private static final long BOUND = 24L * MEBIBYTE;

  private static final byte[] BEGINNING = "Subject: huge\r\n\r\n".getBytes(ISO_8859_1);

  /** Lines that end where the mebibyte ends. */
  private static final byte[] LINES =
      ("0123456789".repeat(6) + "ab\r\n").repeat(MEBIBYTE / 64).getBytes(ISO_8859_1);

  private record Memory(long heap, long direct) {
    static Memory used() {
      System.gc();
      ByteBufAllocatorMetric netty =
          ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric();
      long nio =
          ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
              .mapToLong(BufferPoolMXBean::getMemoryUsed)
              .sum();
      return new Memory(
          ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
          Math.max(netty.usedDirectMemory(), nio));
    }
  }

  /** What sockets can hold between a client and a server that does not read, and then some. */
  private static final int MOST_ON_THE_WAY = 96;

  private final AtomicInteger sent = new AtomicInteger();
  private final List<Memory> looks = new ArrayList<>();
  private final CRC32 crc = new CRC32();
  private SinkServer sink;
  private Gate gate;

  @BeforeEach
  void open(@TempDir Path folder) throws Exception {
    assertThat(MEBIBYTES)
        .as("postern.test.huge-message: a multiple of %d, more than sockets hold", LOOKS)
        .isGreaterThan(MOST_ON_THE_WAY)
        .matches(mebibytes -> mebibytes % LOOKS == 0);
    sink = new SinkServer();
    gate = Gate.submission("plain", sink.address(), folder, "", unchanged -> unchanged);
  }

  @AfterEach
  void close() throws Exception {
    gate.close();
    sink.close();
  }

  @Test
  void isEnoughForAHugeMessageByData(TestReporter reporter) throws Exception {
    long begun = System.nanoTime();
    try (SmtpClient client = SmtpClient.through(gate).loggedIn(Account.ALICE)) {
      looks.add(Memory.used());
      client.envelope("alice@example.org", "one@example.com");
      assertThat(client.ask("DATA")).startsWith("354 ");
      send(client);
      // the sink counts the end of data, too
      update(".\r\n".getBytes(ISO_8859_1));
      assertThat(client.ask(".")).isEqualTo("250 2.0.0 taken");
    }
    publishSpeed(reporter, begun);
    assertArrivedInFlatMemory(3);
  }

  @Test
  void isEnoughForAHugeMessageByBdat(TestReporter reporter) throws Exception {
    long begun = System.nanoTime();
    try (SmtpClient client = SmtpClient.through(gate).loggedIn(Account.ALICE)) {
      looks.add(Memory.used());
      client.envelope("alice@example.org", "one@example.com");
      client.say("BDAT " + (BEGINNING.length + (long) MEBIBYTES * LINES.length) + " LAST\r\n");
      send(client);
      assertThat(client.reply()).isEqualTo("250 2.0.0 taken");
    }
    publishSpeed(reporter, begun);
    assertArrivedInFlatMemory(0);
  }

  /** Of client, proxy and server together, on one machine. */
  private static void publishSpeed(TestReporter reporter, long begun) {
    double seconds = (System.nanoTime() - begun) / 1e9;
    reporter.publishEntry("MiB/s", Long.toString(Math.round(MEBIBYTES / seconds)));
  }

  /** The client is not heard any further, so that what it has to say does not pile up here. */
  @Test
  void isEnoughWhenTheServerTakesNothingForAWhile() throws Exception {
    sink.hold();
    try (SmtpClient client = SmtpClient.through(gate).loggedIn(Account.ALICE);
        ExecutorService writer = Executors.newSingleThreadExecutor()) {
      looks.add(Memory.used());
      client.envelope("alice@example.org", "one@example.com");
      client.say("BDAT " + (BEGINNING.length + (long) MEBIBYTES * LINES.length) + " LAST\r\n");
      Future<?> all =
          writer.submit(
              () -> {
                send(client);
                return null;
              });
      AtomicInteger before = new AtomicInteger();
      AtomicInteger equal = new AtomicInteger();
      Awaitility.await("the client gets no further")
          .pollInterval(Duration.ofMillis(500))
          .atMost(Duration.ofMinutes(2))
          .until(
              () -> {
                int now = sent.get();
                boolean stands = now > 0 && before.getAndSet(now) == now;
                equal.set(stands ? equal.get() + 1 : 0);
                return equal.get() >= STANDSTILL;
              });
      Memory held = Memory.used();
      int onTheWay = sent.get();
      sink.goOn();
      all.get(2, TimeUnit.MINUTES);
      assertThat(client.reply()).isEqualTo("250 2.0.0 taken");
      assertThat(onTheWay).as("mebibytes that nobody has read").isLessThan(MOST_ON_THE_WAY);
      assertThat(held.direct()).isLessThan(looks.getFirst().direct() + BOUND);
      assertThat(held.heap()).isLessThan(looks.getFirst().heap() + BOUND);
    }
    assertArrivedInFlatMemory(0);
  }

  private void send(SmtpClient client) throws IOException {
    client.wire().send(BEGINNING);
    update(BEGINNING);
    for (int i = 1; i <= MEBIBYTES; i++) {
      client.wire().send(LINES);
      update(LINES);
      sent.set(i);
      if (i % (MEBIBYTES / LOOKS) == 0) {
        looks.add(Memory.used());
      }
    }
  }

  private void update(byte[] octets) {
    crc.update(octets, 0, octets.length);
  }

  private void assertArrivedInFlatMemory(int endOfData) throws InterruptedException {
    SinkServer.Taken taken = sink.taken().poll(30, TimeUnit.SECONDS);
    assertThat(taken)
        .isEqualTo(
            new SinkServer.Taken(
                BEGINNING.length + (long) MEBIBYTES * LINES.length + endOfData, crc.getValue()));
    Memory before = looks.getFirst();
    assertThat(looks).hasSize(LOOKS + 1);
    assertThat(looks)
        .as("heap and direct memory, from before the message to its end")
        .allMatch(m -> m.heap() < before.heap() + BOUND && m.direct() < before.direct() + BOUND);
  }
}
