package dev.postern.core.tls.ocsp;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/** A clock and an alarm that stand still until told otherwise. */
final class ManualTime implements InstantSource, Alarm {
  private record Due(Instant at, Runnable work, Future<?> handle) {}

  private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparing(Due::at));
  private Instant now;

  ManualTime(Instant now) {
    this.now = now;
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public Future<?> after(Duration pause, Runnable work) {
    CompletableFuture<Void> handle = new CompletableFuture<>();
    due.add(new Due(now.plus(pause), work, handle));
    return handle;
  }

  /** Lets time pass, and does what comes due on the way. */
  void pass(Duration time) {
    Instant end = now.plus(time);
    for (Due first = due.peek(); first != null && !first.at().isAfter(end); first = due.peek()) {
      due.remove();
      if (!first.handle().isCancelled()) {
        now = first.at();
        first.work().run();
      }
    }
    now = end;
  }

  /** Returns how long until something is due; negative when nothing is. */
  Duration untilNext() {
    due.removeIf(d -> d.handle().isCancelled());
    Due first = due.peek();
    return first == null ? Duration.ofSeconds(-1) : Duration.between(now, first.at());
  }
}
