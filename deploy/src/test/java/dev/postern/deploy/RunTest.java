package dev.postern.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code postern run} as a process: its signals, its files, its end. */
class RunTest {
  private static final Pattern IMAP = Pattern.compile("[{ ]imap=/127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern MANAGEMENT = Pattern.compile("management=/127\\.0\\.0\\.1:(\\d+)");

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void certify() throws Exception {
    X509Bundle bundle =
        new CertificateBuilder()
            .subject("CN=localhost")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(folder.resolve("chain.pem"), bundle.getCertificatePathPEM());
    Files.writeString(folder.resolve("key.pem"), bundle.getPrivateKeyPEM());
    file = folder.resolve("postern.yaml");
  }

  private static String configuration(String hostname) {
    return """
    hostname: %s
    listeners:
      - { service: imaps, address: "127.0.0.1:0" }
      - { service: imap, address: "127.0.0.1:0" }
    certificates: [{ name: main, chain: chain.pem, key: key.pem }]
    backends:
      imap: { profile: plain, addresses: ["127.0.0.1:1"] }
    limits: { drain-deadline: 5s }
    management: { address: "127.0.0.1:0" }
    audit: { file: audit.json }
    """
        .formatted(hostname);
  }

  @Test
  void reloadsOnHangUpAndKeepsWhatIsInForceWhenTheNewIsBroken() throws Exception {
    Files.writeString(file, configuration("one.example.test"));
    try (PosternProcess postern =
        PosternProcess.start("run", "--config", file.toString(), "--watch-interval", "0")) {
      postern.awaitLog("ready=true", 1);
      int imap = port(IMAP, postern.log("listeners="));
      int management = port(MANAGEMENT, postern.log("ready=true"));
      assertThat(greeting(imap)).startsWith("* OK ").contains("one.example.test");

      Path audit = folder.resolve("audit.json");
      Path rotated = folder.resolve("audit.json.1");
      Files.move(audit, rotated);
      Files.writeString(file, configuration("two.example.test"));
      postern.signal("HUP");
      postern.awaitLog("reloaded=true", 1);
      assertThat(greeting(imap)).contains("two.example.test");
      assertThat(audit).exists();

      Files.writeString(
          file, configuration("three.example.test").replace("plain", "pain").replace("5s", "5"));
      postern.signal("HUP");
      postern.awaitLog("reloaded=false problem=", 2);
      assertThat(postern.everything())
          .contains(
              "postern.yaml:7: backends.imap.profile", "postern.yaml:8: limits.drain-deadline")
          .contains("\\\"pain\\\" is not possible here");
      assertThat(greeting(imap)).contains("two.example.test");
      assertThat(get(management, "/metrics"))
          .contains("postern_config_reloads_total{outcome=\"applied\"} 1.0")
          .contains("postern_config_reloads_total{outcome=\"refused\"} 1.0")
          .contains("postern_config_last_reload_successful 0.0");
      assertThat(get(management, "/ready"))
          .contains("{\"ready\":true,")
          .contains("an earlier one stays in force")
          .contains("backends.imap.profile");

      postern.signal("TERM");
      assertThat(postern.exitCode()).isZero();
      assertThat(postern.everything()).doesNotContain("\tat ", "LEAK");
      assertThat(postern.output()).isEmpty();
      assertThat(Files.readString(audit)).contains("\"event\":\"session-ended\"");
    }
  }

  @Test
  void reloadsOnceStartedWhenHungUpOnDuringTheStart() throws Exception {
    // A pipe holds the start up where the configuration is read, until it is written.
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    try (PosternProcess postern =
        PosternProcess.start("run", "--config", file.toString(), "--watch-interval", "0")) {
      try (Writer pipe =
          assertTimeoutPreemptively(Duration.ofSeconds(60), () -> Files.newBufferedWriter(file))) {
        Files.delete(file);
        Files.writeString(file, configuration("two.example.test"));
        postern.signal("HUP");
        pipe.write(configuration("one.example.test"));
      }
      postern.awaitLog("ready=true", 1);
      postern.awaitLog("reloaded=true", 1);
      assertThat(greeting(port(IMAP, postern.log("listeners=")))).contains("two.example.test");
      postern.signal("TERM");
      assertThat(postern.exitCode()).isZero();
    }
  }

  @Test
  void noticesChangedFilesByItself() throws Exception {
    Files.writeString(file, configuration("one.example.test"));
    try (PosternProcess postern =
        PosternProcess.start("run", "--config", file.toString(), "--watch-interval", "1")) {
      postern.awaitLog("ready=true", 1);
      Files.writeString(file, configuration("two.example.test"));
      postern.awaitLog("reloaded=true", 1);
      assertThat(greeting(port(IMAP, postern.log("listeners=")))).contains("two.example.test");
      postern.signal("TERM");
      assertThat(postern.exitCode()).isZero();
    }
  }

  @Test
  void tellsEveryProblemAndEndsWhenItCannotStart() throws Exception {
    Files.writeString(
        file, configuration("one.example.test").replace("plain", "pain").replace("5s", "5"));
    try (PosternProcess postern = PosternProcess.start("run", "--config", file.toString())) {
      assertThat(postern.exitCode()).isEqualTo(1);
      assertThat(postern.everything().strip().lines())
          .hasSize(2)
          .allMatch(line -> line.startsWith("postern: " + file + ":"));
    }
  }

  private static int port(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    assertThat(matcher.find()).as(line).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  private static String greeting(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  private static String get(int port, String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
              BodyHandlers.ofString())
          .body();
    }
  }
}
