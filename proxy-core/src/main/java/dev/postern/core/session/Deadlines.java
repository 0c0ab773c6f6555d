package dev.postern.core.session;

import dev.postern.core.event.Limit;
import dev.postern.core.protocol.Effect;
import dev.postern.core.snapshot.Limits;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The one timer of a session: first the time until login, of which a TLS handshake has its share,
 * then the time without traffic of those who are waited for. What happens in time only leaves a
 * note; the timer looks at the notes when it fires and waits for the rest, so that neither a
 * handshake that succeeds nor a busy session touches the timer queue.
 */
final class Deadlines {
  private final EventLoop loop;
  private final Ticker ticker;
  private final Limits limits;
  private final Consumer<Limit> passed;
  private @Nullable ScheduledFuture<?> timer;
  private long loginBy;
  private boolean handshaking;
  private long lastTraffic;
  private long idleNanos;
  private long firesAt;
  private boolean ofBackend;
  private Limit idleLimit = Limit.IDLE_TIMEOUT;
  private boolean loggedIn;

  Deadlines(EventLoop loop, Limits limits, Consumer<Limit> passed) {
    this.loop = loop;
    this.ticker = loop.ticker();
    this.limits = limits;
    this.passed = passed;
    this.idleNanos = limits.idleTimeout().toNanos();
  }

  /** A client is there, and sends commands first. */
  void connected() {
    loginBy = ticker.nanoTime() + limits.loginDeadline().toNanos();
    checkLogin();
  }

  /**
   * A client is there, and begins with a handshake.
   *
   * @param deadline time for the handshake
   */
  void connectedForHandshake(Duration deadline) {
    loginBy = ticker.nanoTime() + limits.loginDeadline().toNanos();
    handshakeBegun(deadline);
  }

  /**
   * A handshake begins in the middle of a session.
   *
   * @param deadline time for the handshake
   */
  void handshakeBegun(Duration deadline) {
    cancel();
    handshaking = true;
    wait(Math.min(deadline.toNanos(), loginBy - ticker.nanoTime()), this::checkHandshake);
  }

  void handshakeDone() {
    handshaking = false;
  }

  private void checkHandshake() {
    if (handshaking && loginBy - ticker.nanoTime() > 0) {
      passed.accept(Limit.HANDSHAKE_DEADLINE);
    } else {
      checkLogin();
    }
  }

  private void checkLogin() {
    long rest = loginBy - ticker.nanoTime();
    if (rest > 0) {
      wait(rest, this::checkLogin);
    } else {
      passed.accept(Limit.LOGIN_DEADLINE);
    }
  }

  void loggedIn() {
    cancel();
    lastTraffic = ticker.nanoTime();
    loggedIn = true;
    wait(idleNanos, this::checkIdle);
  }

  /**
   * Sets the time without traffic, and begins to count it anew; a timer that fires too early finds
   * out and waits on.
   *
   * @param idle how long, whose octets count, and what is reached then
   */
  void idleTimeout(Effect.IdleTimeout idle) {
    idleNanos = idle.after().toNanos();
    ofBackend = idle.ofBackend();
    idleLimit = idle.limit();
    lastTraffic = ticker.nanoTime();
    if (loggedIn && timer != null && firesAt - lastTraffic > idleNanos) {
      cancel();
      wait(idleNanos, this::checkIdle);
    }
  }

  void clientTraffic() {
    if (!ofBackend) {
      lastTraffic = ticker.nanoTime();
    }
  }

  void backendTraffic() {
    lastTraffic = ticker.nanoTime();
  }

  private void checkIdle() {
    long rest = idleNanos - (ticker.nanoTime() - lastTraffic);
    if (rest > 0) {
      wait(rest, this::checkIdle);
    } else {
      passed.accept(idleLimit);
    }
  }

  private void wait(long nanos, Runnable then) {
    firesAt = ticker.nanoTime() + nanos;
    timer = loop.schedule(then, nanos, TimeUnit.NANOSECONDS);
  }

  void cancel() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}
