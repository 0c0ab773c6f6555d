package dev.postern.core.testkit;

import io.netty.util.ResourceLeakDetectorFactory;
import java.util.List;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Fails a test run in which anything reference-counted was dropped without being released.
 *
 * <p>The JUnit launcher finds it as a service in every module that has this test kit on its class
 * path. It opens before the first test class is loaded, because Netty's classes keep the detector
 * they were initialised with.
 */
public final class LeakGate implements LauncherSessionListener {

  private final RecordingLeakDetectorFactory detectors = new RecordingLeakDetectorFactory();

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(detectors);
  }

  @Override
  public void launcherSessionClosed(LauncherSession session) {
    List<String> leaks = detectors.collectLeaks();
    if (!leaks.isEmpty()) {
      throw new AssertionError(leaks.size() + " leaked resource(s):\n" + String.join("\n", leaks));
    }
  }
}
