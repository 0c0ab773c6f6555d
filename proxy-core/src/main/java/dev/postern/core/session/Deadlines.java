package dev.postern.core.session;

import dev.postern.core.event.Limit;
import dev.postern.core.snapshot.Limits;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a session: first the time until login, then the time without traffic. Traffic
 * only notes the time; the timer looks at the note when it fires and waits for the rest, so that a
 * busy session never touches the timer queue.
 */
final class Deadlines {
  private final EventLoop loop;
  private final Limits limits;
  private final Consumer<Limit> passed;
  private @Nullable ScheduledFuture<?> timer;
  private long lastTraffic;

  Deadlines(EventLoop loop, Limits limits, Consumer<Limit> passed) {
    this.loop = loop;
    this.limits = limits;
    this.passed = passed;
  }

  void connected() {
    wait(limits.loginDeadline().toNanos(), () -> passed.accept(Limit.LOGIN_DEADLINE));
  }

  void loggedIn() {
    cancel();
    traffic();
    wait(limits.idleTimeout().toNanos(), this::checkIdle);
  }

  void traffic() {
    lastTraffic = System.nanoTime();
  }

  private void checkIdle() {
    long rest = limits.idleTimeout().toNanos() - (System.nanoTime() - lastTraffic);
    if (rest > 0) {
      wait(rest, this::checkIdle);
    } else {
      passed.accept(Limit.IDLE_TIMEOUT);
    }
  }

  private void wait(long nanos, Runnable then) {
    timer = loop.schedule(then, nanos, TimeUnit.NANOSECONDS);
  }

  void cancel() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}
