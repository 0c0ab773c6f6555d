package dev.postern.core.tls.ocsp;

import java.time.Duration;
import java.util.concurrent.Future;

/** Does work later, on a thread that may block for a moment. */
@FunctionalInterface
interface Alarm {

  /** Sets the alarm; cancelling the result takes it back. */
  Future<?> after(Duration pause, Runnable work);
}
