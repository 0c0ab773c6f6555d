package dev.postern.deploy.backend;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * What has to be undone, last first: once, when {@link #run} is called or the JVM ends. Only a JVM
 * that is killed outright undoes nothing.
 */
final class Teardown {

  /** Starts, opens or creates something. */
  interface Acquisition<T> {
    T run() throws IOException;
  }

  private final Deque<Runnable> steps = new ArrayDeque<>();
  private final Thread atExit = new Thread(this::runSteps, "teardown of mail backends");
  private boolean done;

  Teardown() {
    Runtime.getRuntime().addShutdownHook(atExit);
  }

  /**
   * Acquires something that has to be released. An end of the JVM falls before that, when nothing
   * is acquired any more, or after it, when it is released; never between the two.
   *
   * @throws IllegalStateException if it is too late
   */
  synchronized <T> T acquire(Acquisition<T> acquisition, Consumer<T> release) throws IOException {
    if (done) {
      throw new IllegalStateException("stopped while it started");
    }
    T acquired = acquisition.run();
    steps.push(() -> release.accept(acquired));
    return acquired;
  }

  void run() {
    runSteps();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM is ending: the hook finds nothing left to do.
    }
  }

  private synchronized void runSteps() {
    done = true;
    while (!steps.isEmpty()) {
      steps.pop().run();
    }
  }
}
