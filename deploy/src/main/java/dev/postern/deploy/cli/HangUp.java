package dev.postern.deploy.cli;

import dev.postern.deploy.process.Signals;
import org.jspecify.annotations.Nullable;

/**
 * The request to read everything anew: SIGHUP. One that comes while the process is starting, which
 * would end it by the signal's usual meaning, is granted once it has started.
 */
final class HangUp {
  private @Nullable Runnable reload;
  private boolean asked;

  private HangUp() {}

  /** Listens from now on. */
  static HangUp listen() {
    HangUp hangUp = new HangUp();
    Signals.on("HUP", hangUp::ask);
    return hangUp;
  }

  private synchronized void ask() {
    if (reload == null) {
      asked = true;
    } else {
      reload.run();
    }
  }

  /**
   * Says that the process has started.
   *
   * @param how reads everything anew; must return at once
   */
  synchronized void reloads(Runnable how) {
    reload = how;
    if (asked) {
      how.run();
    }
  }
}
