package dev.postern.deploy.cli;

import dev.postern.deploy.process.Signals;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * The request to end: SIGTERM or SIGINT. A second one ends the process at once, as if nobody had
 * asked for order.
 */
final class Ending {
  private static final List<String> SIGNALS = List.of("TERM", "INT");

  private final CountDownLatch asked = new CountDownLatch(1);

  private Ending() {}

  /** Listens from now on. */
  static Ending listen() {
    Ending ending = new Ending();
    SIGNALS.forEach(signal -> Signals.on(signal, ending::ask));
    return ending;
  }

  private void ask() {
    SIGNALS.forEach(Signals::byDefault);
    asked.countDown();
  }

  /** Waits until somebody asks. */
  void await() throws InterruptedException {
    asked.await();
  }
}
