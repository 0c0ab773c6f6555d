package dev.postern.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Postern in a JVM of its own, as an operator runs it. */
final class PosternProcess implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private final Process process;
  private final List<String> out = new CopyOnWriteArrayList<>();
  private final List<String> err = new CopyOnWriteArrayList<>();
  private final List<Thread> readers;

  private PosternProcess(Process process) {
    this.process = process;
    this.readers =
        List.of(reading(process.getInputStream(), out), reading(process.getErrorStream(), err));
  }

  static PosternProcess start(String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "--enable-native-access=ALL-UNNAMED",
            "-Dio.netty.leakDetection.level=paranoid",
            // the tests' own configuration would be found first
            "-Dlogback.configurationFile=logback.xml"));
    if (Runtime.version().feature() >= 23) {
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(arguments));
    return of(new ProcessBuilder(command));
  }

  /** Starts it in another way: from a container image, for instance. */
  static PosternProcess of(ProcessBuilder builder) throws IOException {
    return new PosternProcess(builder.redirectInput(new File("/dev/null")).start());
  }

  private static Thread reading(InputStream from, List<String> lines) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try (BufferedReader reader = new BufferedReader(new InputStreamReader(from, UTF_8))) {
                reader.lines().forEach(lines::add);
              } catch (IOException | UncheckedIOException e) {
                lines.add("(no more: " + e + ")");
              }
            });
  }

  /** Waits for lines with a text on standard output. */
  void awaitOutput(String text) {
    awaitLines(out, text, 1);
  }

  /** Waits until that many lines of the log have a text. */
  void awaitLog(String text, int times) {
    awaitLines(err, text, times);
  }

  private void awaitLines(List<String> lines, String text, int times) {
    await()
        .atMost(DEADLINE)
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              boolean over = isRead();
              boolean there = count(lines, text) >= times;
              if (over && !there) {
                throw new AssertionError("ended without \"" + text + "\": " + everything());
              }
              return there;
            });
  }

  private boolean isRead() {
    return readers.stream().noneMatch(Thread::isAlive);
  }

  private static long count(List<String> lines, String text) {
    return lines.stream().filter(line -> line.contains(text)).count();
  }

  List<String> output() {
    return List.copyOf(out);
  }

  String everything() {
    return String.join("\n", out) + "\n" + String.join("\n", err);
  }

  /** Returns the lines of standard error. */
  List<String> errors() {
    return List.copyOf(err);
  }

  /** Returns the first line of the log that has a text. */
  String log(String text) {
    return err.stream().filter(line -> line.contains(text)).findFirst().orElseThrow();
  }

  void signal(String name) throws IOException, InterruptedException {
    int exit =
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    if (exit != 0) {
      throw new IOException("no process " + process.pid());
    }
  }

  /** Waits for the end; returns the exit code. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("still running: " + everything());
    }
    for (Thread reader : readers) {
      reader.join();
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
