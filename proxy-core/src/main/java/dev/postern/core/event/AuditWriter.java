package dev.postern.core.event;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the audit log on a thread of its own, so that no event loop ever waits for a disk. What is
 * waiting is written in one go and flushed. When the destination cannot keep up, or fails, events
 * are dropped and counted, and the log itself says how many are missing: an {@code audit-gap} line
 * where they would stand.
 */
public final class AuditWriter implements AutoCloseable, MeterBinder {

  /** Enough for some seconds of a busy proxy; about 400 octets each. */
  public static final int DEFAULT_CAPACITY = 16_384;

  private static final Logger LOG = LoggerFactory.getLogger(AuditWriter.class);
  private static final int CHUNK = 1 << 16;
  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

  private record Entry(Instant time, SessionContext context, SessionEvent event) {}

  private final AuditDestination destination;
  private final InstantSource clock;
  private final int capacity;
  private final Thread thread;
  private final LongAdder written = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition work = lock.newCondition();
  // Under the lock.
  private ArrayDeque<Entry> waiting = new ArrayDeque<>();
  private boolean reopening;
  private boolean closing;

  // Of the writer's thread alone.
  private final StringBuilder text = new StringBuilder();
  private ArrayDeque<Entry> batch = new ArrayDeque<>();
  private OutputStream out;
  private boolean torn;
  private long admitted;

  private AuditWriter(
      AuditDestination destination, OutputStream out, InstantSource clock, int capacity) {
    this.destination = destination;
    this.out = out;
    this.clock = clock;
    this.capacity = capacity;
    this.thread = Thread.ofPlatform().name("postern-audit").daemon().unstarted(this::run);
  }

  /**
   * Opens the destination and starts the thread.
   *
   * @param destination where the log goes
   * @param clock tells the time of each event
   * @param capacity most events that may wait to be written
   * @throws IOException when the destination cannot be opened
   */
  public static AuditWriter start(AuditDestination destination, InstantSource clock, int capacity)
      throws IOException {
    AuditWriter writer = new AuditWriter(destination, destination.open(), clock, capacity);
    writer.thread.start();
    return writer;
  }

  /**
   * Takes an event to be written; drops it when too many are waiting. Never blocks on the
   * destination, never throws.
   */
  void offer(SessionContext context, SessionEvent event) {
    Entry entry = new Entry(clock.instant(), context, event);
    lock.lock();
    try {
      if (closing || waiting.size() >= capacity) {
        dropped.increment();
        return;
      }
      waiting.add(entry);
      if (waiting.size() == 1) {
        work.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Opens the destination anew, after its file was moved away (log rotation). Takes effect soon,
   * without waiting for it.
   */
  public void reopen() {
    lock.lock();
    try {
      reopening = true;
      work.signal();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes everything that is waiting, up to a deadline of ten seconds, and closes. Events that
   * come later are dropped.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      closing = true;
      work.signal();
    } finally {
      lock.unlock();
    }
    try {
      if (!thread.join(CLOSE_DEADLINE)) {
        LOG.error("audit log not written to its end: the destination does not answer");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    FunctionCounter.builder("postern.audit.written", written, LongAdder::sum)
        .description("Events written to the audit log")
        .register(registry);
    FunctionCounter.builder("postern.audit.dropped", dropped, LongAdder::sum)
        .description("Events missing from the audit log: too many were waiting, or writing failed")
        .register(registry);
    Gauge.builder("postern.audit.waiting", this, AuditWriter::waiting)
        .description("Events waiting to be written to the audit log")
        .register(registry);
  }

  private int waiting() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    while (turn()) {}
    close(out);
  }

  /** Waits for work and does it; says whether there may be more. */
  private boolean turn() {
    boolean reopen;
    boolean last;
    long lost;
    lock.lock();
    try {
      while (waiting.isEmpty() && !reopening && !closing) {
        work.awaitUninterruptibly();
      }
      ArrayDeque<Entry> full = waiting;
      waiting = batch;
      batch = full;
      reopen = reopening;
      reopening = false;
      last = closing;
      lost = dropped.sum() - admitted;
    } finally {
      lock.unlock();
    }
    if (reopen) {
      openAnew();
    }
    writeBatch();
    if (lost > 0) {
      admit(lost);
    }
    return !last;
  }

  private void openAnew() {
    try {
      OutputStream anew = destination.open();
      close(out);
      out = anew;
      torn = false;
    } catch (IOException e) {
      LOG.error("audit log cannot be opened anew, the old one stays in use: {}", e.toString());
    }
  }

  private void writeBatch() {
    while (!batch.isEmpty()) {
      int lines = 0;
      while (text.length() < CHUNK && !batch.isEmpty()) {
        Entry entry = batch.remove();
        AuditLine.append(entry.time(), entry.context(), entry.event(), text);
        lines++;
      }
      if (writeText()) {
        written.add(lines);
      } else {
        dropped.add(lines);
      }
    }
  }

  /**
   * Says in the log that events are missing; tries again next time when even that cannot be
   * written.
   */
  private void admit(long lost) {
    AuditLine.appendGap(clock.instant(), lost, text);
    if (writeText()) {
      admitted += lost;
      LOG.warn("audit log lacks events: lost={}", lost);
    }
  }

  private boolean writeText() {
    try {
      if (torn) {
        // Half a line may stand there since the last failure: what follows must not be taken for
        // its end.
        out.write('\n');
        torn = false;
      }
      out.write(text.toString().getBytes(UTF_8));
      out.flush();
      return true;
    } catch (IOException e) {
      if (!torn) {
        LOG.error("audit log cannot be written: {}", e.toString());
      }
      torn = true;
      return false;
    } finally {
      text.setLength(0);
    }
  }

  private static void close(OutputStream stream) {
    try {
      stream.close();
    } catch (IOException e) {
      LOG.error("audit log not closed cleanly: {}", e.toString());
    }
  }
}
