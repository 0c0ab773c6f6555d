package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A program run to its end. */
public record Command(int exit, String out, String err) {

  /**
   * Runs a program.
   *
   * @param input what it reads, octet for octet
   * @param words the program and its arguments
   */
  public static Command run(String input, String... words)
      throws IOException, InterruptedException {
    return run(Duration.ofMinutes(1), input, words);
  }

  /**
   * Runs a program that may take its time.
   *
   * @param atMost how much
   * @param input what it reads, octet for octet
   * @param words the program and its arguments
   */
  public static Command run(Duration atMost, String input, String... words)
      throws IOException, InterruptedException {
    Process process = new ProcessBuilder(List.of(words)).start();
    CompletableFuture<String> out =
        CompletableFuture.supplyAsync(() -> read(process.getInputStream()));
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(() -> read(process.getErrorStream()));
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(ISO_8859_1));
    } catch (IOException endedBefore) {
      // its exit code tells
    }
    if (!process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
      process.destroyForcibly();
      throw new IOException(words[0] + " did not end: " + out.join() + err.join());
    }
    return new Command(process.exitValue(), out.join(), err.join());
  }

  /**
   * Skips the test where a program is missing; where everything has to be there, fails it.
   *
   * @param debianPackage what it comes in
   * @param words the program and arguments with which it succeeds
   */
  public static void need(String debianPackage, String... words) throws InterruptedException {
    try {
      if (run("", words).exit() == 0) {
        return;
      }
    } catch (IOException missing) {
      // as if it had failed
    }
    String reason = String.join(" ", words) + " does not work: apt-get install " + debianPackage;
    if ("1".equals(System.getenv("POSTERN_REQUIRE_BACKENDS"))) {
      fail(reason);
    }
    Assumptions.abort(reason);
  }

  private static String read(InputStream from) {
    try (from) {
      return new String(from.readAllBytes(), ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
