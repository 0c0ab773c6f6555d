package dev.postern.deploy.process;

import java.lang.reflect.Proxy;
import org.slf4j.LoggerFactory;

/**
 * Signals of the operating system. The JDK offers no other way than {@code sun.misc.Signal} (module
 * {@code jdk.unsupported}), and only reflection reaches it without a compiler warning that cannot
 * be suppressed; so all of that stands here.
 */
public final class Signals {
  private Signals() {}

  /**
   * Has a signal do something, once for each time it arrives, on a thread of its own.
   *
   * @param name without the prefix SIG: {@code TERM}, {@code INT}, {@code HUP}
   * @param action must not throw
   */
  public static void on(String name, Runnable action) {
    try {
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object calling =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                action.run();
                return null;
              });
      handle(name, handler, calling);
    } catch (ReflectiveOperationException e) {
      // Windows has no SIGHUP, and -Xrs reserves the others: the JVM's own behaviour stays.
      warn(name);
    }
  }

  /** Gives a signal its usual meaning back. */
  public static void byDefault(String name) {
    try {
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      handle(name, handler, handler.getField("SIG_DFL").get(null));
    } catch (ReflectiveOperationException e) {
      warn(name);
    }
  }

  // Logging takes long to set up, and until a signal is handled it ends the process.
  private static void warn(String name) {
    LoggerFactory.getLogger(Signals.class).warn("signal={} handled=false", name);
  }

  private static void handle(String name, Class<?> handlerType, Object handler)
      throws ReflectiveOperationException {
    Class<?> signal = Class.forName("sun.misc.Signal");
    signal
        .getMethod("handle", signal, handlerType)
        .invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
  }
}
