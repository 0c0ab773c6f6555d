package dev.postern.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PosternCommandTest {
  @TempDir Path folder;

  private Path configuration(String profile, String deadline) throws Exception {
    X509Bundle bundle =
        new CertificateBuilder()
            .subject("CN=localhost")
            .addSanDnsName("mail.example.test")
            .setIsCertificateAuthority(true)
            .notAfter(Instant.now().plus(Duration.ofDays(90)))
            .buildSelfSigned();
    Files.writeString(folder.resolve("chain.pem"), bundle.getCertificatePathPEM());
    Path key = folder.resolve("key.pem");
    Files.writeString(key, bundle.getPrivateKeyPEM());
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Path file = folder.resolve("postern.yaml");
    Files.writeString(
        file,
        """
        hostname: mail.example.test
        certificates: [{ name: main, chain: chain.pem, key: key.pem }]
        backends:
          imap: { profile: %s, addresses: ["127.0.0.1:143"] }
        limits: { drain-deadline: %s }
        """
            .formatted(profile, deadline));
    return file;
  }

  @Test
  void aValidConfigurationIsSuccess() throws Exception {
    Path file = configuration("plain", "30s");
    assertThat(Said.by("check-config", file))
        .isEqualTo(new Said(0, file + ": valid, listeners: 2, backends: 1, warnings: 0\n", ""));
  }

  @Test
  void everyProblemIsPrintedWithFileAndLine() throws Exception {
    Path file = configuration("pain", "30");
    Said said = Said.by("check-config", file);
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.out().lines())
        .satisfiesExactly(
            first -> assertThat(first).startsWith(file + ":4: backends.imap.profile: "),
            second ->
                assertThat(second)
                    .startsWith(file + ":5: limits.drain-deadline: a duration needs a unit"),
            last -> assertThat(last).isEqualTo(file + ": not valid, problems: 2"));
  }

  @Test
  void warningsDoNotFail() throws Exception {
    Path file = configuration("plain", "30s");
    Files.setPosixFilePermissions(
        folder.resolve("key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
    Said said = Said.by("check-config", file);
    assertThat(said.exit()).isZero();
    assertThat(said.out().lines())
        .satisfiesExactly(
            first ->
                assertThat(first)
                    .startsWith(file + ":2: certificates[0].key: every user")
                    .endsWith(" [warning]"),
            last -> assertThat(last).endsWith("warnings: 1"));
  }

  @Test
  void aFileThatIsNotThereIsAConfigurationThatIsNotValidAsForRun() {
    Path nowhere = folder.resolve("nowhere.yaml");
    Said said = Said.by("check-config", nowhere);
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.err()).isEmpty();
    assertThat(said.out().lines())
        .satisfiesExactly(
            first -> assertThat(first).startsWith(nowhere + ": the file does not exist"),
            last -> assertThat(last).isEqualTo(nowhere + ": not valid, problems: 1"));
  }

  @Test
  void runSaysInOneLineWhyItCannotStart() {
    Said said = Said.by("run", "--config", folder.resolve("nowhere.yaml"));
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.err().lines()).singleElement().asString().contains("does not exist");
  }

  @Test
  void runRefusesAWatchIntervalBelowZero() {
    Said said = Said.by("run", "--watch-interval", "-1");
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.err()).contains("--watch-interval: 0 or more seconds");
  }

  @Test
  void runNamesACertificateThatCannotBeUsed() throws Exception {
    Path file = configuration("plain", "30s");
    Files.writeString(folder.resolve("chain.pem"), "nothing");
    Said said = Said.by("run", "--config", file);
    assertThat(said.exit()).isEqualTo(1);
    assertThat(said.err().lines())
        .satisfiesExactly(
            place -> assertThat(place).startsWith("postern: " + file + ":2: certificates[0]: "),
            listener ->
                assertThat(listener)
                    .contains("listener imaps begins with TLS", "without-certificate: true"));
  }

  @Test
  void demoRefusesPortsThatDoNotExist() {
    Said said = Said.by("demo", "--port-base", "65000", "--state", folder.resolve("state"));
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.err()).contains("--port-base: between 0 and 64540");
    assertThat(folder.resolve("state")).doesNotExist();
  }

  @Test
  void demoSaysWhichPortIsTakenAndHowToChooseOthers() throws Exception {
    try (ServerSocket imaps = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Said said =
          Said.by(
              "demo",
              "--port-base",
              imaps.getLocalPort() - 993,
              "--state",
              folder.resolve("state"));
      assertThat(said.exit()).isEqualTo(1);
      assertThat(said.err()).contains("cannot listen on", "--port-base").doesNotContain("\tat ");
    }
  }

  @Test
  void demoSaysWhichFolderItCannotUse() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "");
    Said said = Said.by("demo", "--port-base", "0", "--state", file);
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.err()).contains(file + " cannot be used").contains("--state");
  }

  @ParameterizedTest
  @ValueSource(strings = {"version", "--version"})
  void tellsTheVersionsThatMatter(String word) {
    Said said = Said.by(word);
    assertThat(said.exit()).isZero();
    assertThat(said.out())
        .containsPattern("(?m)^postern \\S+$")
        .containsPattern("(?m)^Java \\d+")
        .containsPattern("(?m)^Netty 4\\.2")
        .containsPattern("(?m)^TLS \\S+");
  }

  @ParameterizedTest
  @ValueSource(strings = {"run", "check-config", "demo", "cert dev", "cert csr", "cert show"})
  void helpTellsTheExitCodes(String command) {
    Said said = Said.by((Object[]) (command + " --help").split(" "));
    assertThat(said.exit()).isZero();
    assertThat(said.out()).containsPattern("Exit codes:\\R  0 ");
  }

  @Test
  void aMissingCommandIsAnErrorOfTheCommandLine() {
    Said said = Said.by();
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.err()).contains("a command is missing", "check-config");
  }

  @Test
  void anUnknownCommandIsAnErrorOfTheCommandLine() {
    Said said = Said.by("rum");
    assertThat(said.exit()).isEqualTo(2);
    assertThat(said.err()).contains("rum");
  }

  @Test
  void completesCommandsInShells() {
    Said said = Said.by("generate-completion");
    assertThat(said.exit()).isZero();
    assertThat(said.out())
        .contains("check-config", "--watch-interval", "cert", "csr", "--srv-ids", "complete -F");
  }
}
