package dev.postern.deploy.backend;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ConditionTimeoutException;

/** A server that runs in the foreground as a child of this JVM. */
final class ServerProcess {

  private static final Duration TO_GREET = Duration.ofSeconds(20);

  /** Dovecot would take two seconds or more; nothing it still does is worth waiting for. */
  private static final Duration TO_STOP = Duration.ofMillis(500);

  private final Process process;
  private final String name;
  private final LogFile log;
  private final LogFile output;

  /**
   * Starts it.
   *
   * @param log what the server logs to
   * @param teardown what will stop it
   */
  static ServerProcess start(List<String> command, Path log, Teardown teardown) throws IOException {
    return teardown.acquire(() -> new ServerProcess(command, log), ServerProcess::stop);
  }

  private ServerProcess(List<String> command, Path log) throws IOException {
    this.name = Path.of(command.getFirst()).getFileName().toString();
    this.log = new LogFile(log);
    this.output = new LogFile(log.resolveSibling(name + ".out"));
    this.process =
        new ProcessBuilder(command)
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .redirectOutput(output.path().toFile())
            .start();
  }

  /** Loopback addresses that nobody listens on; somebody may before they are used. */
  static List<InetSocketAddress> freeAddresses(int count) throws IOException {
    List<ServerSocket> sockets = new ArrayList<>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1})));
      }
      return sockets.stream()
          .map(socket -> (InetSocketAddress) socket.getLocalSocketAddress())
          .toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  LogFile log() {
    return log;
  }

  /**
   * Waits until the server sends its greeting to whoever connects.
   *
   * @param start how the greeting starts
   * @throws StartFailure if it does not come; the message shows what the server wrote
   */
  void awaitGreeting(InetSocketAddress address, String start) {
    try {
      await()
          .atMost(TO_GREET)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> !process.isAlive() || greets(address, start));
    } catch (ConditionTimeoutException e) {
      throw failure("does not greet on " + address);
    }
    if (!process.isAlive()) {
      throw failure("ended with " + process.exitValue());
    }
  }

  private static boolean greets(InetSocketAddress address, String start) {
    try (LineConnection connection = new LineConnection(address)) {
      return connection.line().startsWith(start);
    } catch (IOException e) {
      return false;
    }
  }

  private StartFailure failure(String what) {
    return new StartFailure(
        name + " " + what + "\n" + output.tail() + "\n" + log.tail(),
        (log.text() + output.text()).contains("Address already in use"));
  }

  /**
   * Ends it and all that it started. Only its own end is waited for: its orphans stay visible after
   * theirs for as long as the system's first process likes.
   */
  private void stop() {
    List<ProcessHandle> children = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(TO_STOP.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor(TO_STOP.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    children.forEach(ProcessHandle::destroyForcibly);
  }
}
