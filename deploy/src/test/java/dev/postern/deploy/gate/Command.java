package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A program run to its end. */
record Command(int exit, String out, String err) {

  /**
   * Runs a program.
   *
   * @param input what it reads, octet for octet
   * @param words the program and its arguments
   */
  static Command run(String input, String... words) throws IOException, InterruptedException {
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
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new IOException(words[0] + " did not end: " + out.join() + err.join());
    }
    return new Command(process.exitValue(), out.join(), err.join());
  }

  private static String read(java.io.InputStream from) {
    try (from) {
      return new String(from.readAllBytes(), ISO_8859_1);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
