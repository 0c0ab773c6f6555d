package dev.postern.core.testkit;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.lang.ref.PhantomReference;
import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Makes leak detectors that remember what leaked instead of only logging it. */
final class RecordingLeakDetectorFactory extends ResourceLeakDetectorFactory {

  private static final int COLLECTIONS = 3;
  private static final long COLLECTION_DEADLINE_MILLIS = 2_000;

  /** Frames of the test runner, which say nothing about the leak. */
  private static final Pattern RUNNER_FRAME =
      Pattern.compile("\\s*(java\\.base/|org\\.junit\\.|org\\.apache\\.maven\\.)");

  private final Queue<RecordingLeakDetector<?>> detectors = new ConcurrentLinkedQueue<>();
  private final Queue<String> leaks = new ConcurrentLinkedQueue<>();

  @Override
  @Deprecated
  public <T> ResourceLeakDetector<T> newResourceLeakDetector(
      Class<T> resource, int samplingInterval, long maxActive) {
    return newResourceLeakDetector(resource, samplingInterval);
  }

  @Override
  public <T> ResourceLeakDetector<T> newResourceLeakDetector(
      Class<T> resource, int samplingInterval) {
    var detector = new RecordingLeakDetector<T>(resource, samplingInterval, leaks);
    detectors.add(detector);
    return detector;
  }

  /**
   * Collects garbage, asks every detector what became unreachable, and returns what leaked so far.
   */
  List<String> collectLeaks() {
    if (detectors.isEmpty()) {
      return List.of();
    }
    for (int i = 0; i < COLLECTIONS; i++) {
      collectGarbage();
      detectors.forEach(RecordingLeakDetector::flush);
    }
    return List.copyOf(leaks);
  }

  /** Returns once a collection has cleared a reference that was made just before it. */
  private static void collectGarbage() {
    var queue = new ReferenceQueue<Object>();
    var canary = new PhantomReference<>(new Object(), queue);
    try {
      System.gc();
      if (queue.remove(COLLECTION_DEADLINE_MILLIS) == null) {
        throw new AssertionError("no garbage collection took place: leaks cannot be told");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      Reference.reachabilityFence(canary);
    }
  }

  private static final class RecordingLeakDetector<T> extends ResourceLeakDetector<T> {

    private final Queue<String> leaks;

    RecordingLeakDetector(Class<?> resource, int samplingInterval, Queue<String> leaks) {
      super(resource, samplingInterval);
      this.leaks = leaks;
    }

    /** The detector looks at what was collected only when something new is tracked. */
    @SuppressWarnings("unchecked")
    void flush() {
      T probe = (T) new Object();
      ResourceLeakTracker<T> tracker = track(probe);
      if (tracker != null) {
        tracker.close(probe);
      }
    }

    @Override
    protected boolean needReport() {
      return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
      leaks.add(
          resourceType
              + records
                  .lines()
                  .filter(line -> !RUNNER_FRAME.matcher(line).lookingAt())
                  .collect(Collectors.joining("\n")));
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
      leaks.add(resourceType + " (no record of its use)");
    }
  }
}
