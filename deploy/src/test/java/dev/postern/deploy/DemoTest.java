package dev.postern.deploy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The demo does what it says: every command that it prints is run, and shows what it promises. */
class DemoTest {
  private static final Pattern PORT = Pattern.compile("localhost:(\\d+)");

  @TempDir Path folder;

  private record Ran(String command, int exit, String output) {}

  @Test
  @Tag("CCO-3.1")
  @Tag("CCO-3.2")
  @Tag("CCO-3.3")
  @Tag("CCO-4a")
  @Tag("CCO-4.3")
  @Tag("CARD-7")
  void everyCommandOfTheGuideShowsWhatItPromises() throws Exception {
    // a quote and a blank in its name: commands must survive being pasted
    Path state = folder.resolve("Alice's state");
    List<Ran> ran = new ArrayList<>();
    try (PosternProcess demo =
        PosternProcess.start("demo", "--state", state.toString(), "--port-base", "0")) {
      demo.awaitOutput("Ctrl-C");
      for (String line : demo.output()) {
        if (line.startsWith("    ")) {
          ran.add(bash(line.strip()));
        }
      }
      Ran another = bash(ran.get(6).command().replace("MAILINDEX=2", "MAILINDEX=3"));

      demo.signal("TERM");
      assertThat(demo.exitCode()).as(demo.everything()).isZero();

      assertThat(ran).hasSize(13);
      shows(ran.get(0), 0, "Subject: Which gate?");
      shows(ran.get(1), 0, "Subject: Lunch");
      shows(ran.get(2), 0, "Subject: Which gate?");
      shows(ran.get(3), 0, "Subject: Lunch");
      shows(ran.get(4), 0);
      shows(ran.get(5), 0);
      shows(ran.get(6), 0, "Subject: by TLS", "Hello Bob.", "with ESMTPSA id ", "(TLSv1.3)");
      assertThat(ran.get(6).output()).containsPattern("\\R\ttls TLS_[A-Z0-9_]+ group [\\w-]+;\\R");
      shows(another, 0, "Subject: by STARTTLS", "Hello again.", "with ESMTPSA id ");
      shows(ran.get(7), 0, "Protocol version: TLSv1.3", "Verification: OK");
      shows(ran.get(8), 67, "LOGINDISABLED", "Login denied");
      assertThat(ran.get(8).output()).doesNotContain("AUTH=").doesNotContain("wonderland");
      shows(ran.get(9), 55, "530 5.7.0 Must issue a STARTTLS command first");
      for (String service : services()) {
        assertThat(ran.get(10).output())
            .containsPattern("service=\"" + service + "\",.*tls_version=\"TLSv1.3\"} [1-9]");
      }
      shows(ran.get(11), 0, "{\"ready\":true,");
      shows(ran.get(12), 0, "\"event\":\"session-ended\"");

      leavesNothing(demo, state, ran);
    }
  }

  private static List<String> services() {
    return List.of("imaps", "imap", "pop3s", "pop3", "submissions", "submission");
  }

  private static void shows(Ran ran, int exit, String... texts) {
    assertThat(ran.exit()).as("%s%n%s", ran.command(), ran.output()).isEqualTo(exit);
    assertThat(texts)
        .as("%s%n%s", ran.command(), ran.output())
        .allMatch(text -> ran.output().contains(text));
  }

  private static void leavesNothing(PosternProcess demo, Path state, List<Ran> ran)
      throws IOException {
    assertThat(demo.everything()).doesNotContain("Exception", "\tat ", "LEAK");
    // The guide names the passwords once and in commands; nothing else may.
    assertThat(demo.everything().lines().filter(line -> line.startsWith("time=")))
        .isNotEmpty()
        .noneMatch(line -> line.contains("wonderland") || line.contains("builder"));
    assertThat(Files.readString(state.resolve("audit.json")))
        .contains("\"outcome\":\"success\"")
        .doesNotContain("wonderland", "builder");
    try (var files = Files.list(state)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "ca.pem", "server.pem", "server.key", "postern.yaml", "audit.json", "lock");
    }
    for (Ran command : ran) {
      Matcher port = PORT.matcher(command.command());
      if (port.find()) {
        assertThatThrownBy(
                () ->
                    new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(port.group(1)))
                        .close())
            .isInstanceOf(ConnectException.class);
      }
    }
  }

  private Ran bash(String command) throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    Process process =
        new ProcessBuilder("bash", "-c", command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    process.getOutputStream().close();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("did not end: " + command);
    }
    return new Ran(command, process.exitValue(), Files.readString(output, UTF_8));
  }
}
