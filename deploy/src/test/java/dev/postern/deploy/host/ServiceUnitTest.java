package dev.postern.deploy.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.config.ConfigurationReader;
import dev.postern.core.config.ReadResult;
import dev.postern.core.server.Protocols;
import dev.postern.deploy.gate.Command;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The systemd unit fits what Postern does and may do little else. */
class ServiceUnitTest {
  private static final String UNIT = "systemd/postern.service";

  /** As {@code systemd-analyze security} counts, times ten; without any hardening it is 96. */
  private static final String MOST_EXPOSURE = "15";

  @TempDir Path folder;

  @Test
  void startsWhatThePackageInstallsAndReloadsIt() throws IOException {
    assertThat(one("ExecStart"))
        .isEqualTo("/usr/bin/postern run --config /etc/postern/postern.yaml");
    assertThat(one("ExecReload")).isEqualTo("/bin/kill -HUP $MAINPID");
    assertThat(one("KillSignal")).isEqualTo("SIGTERM");
    // Postern tells systemd nothing, so anything that waits for a message would wait for ever.
    assertThat(one("Type")).isEqualTo("exec");
    assertThat(one("User")).isEqualTo("postern");
  }

  @Test
  void leavesTimeToDrainAndFilesForAllConnections() throws Exception {
    ReadResult.Valid defaults = minimal();
    assertThat(Long.parseLong(one("TimeoutStopSec")))
        .isGreaterThan(defaults.configuration().terms().limits().drainDeadline().toSeconds());
    assertThat(Long.parseLong(one("LimitNOFILE")))
        .isGreaterThan(2L * defaults.configuration().terms().limits().connections() + 1000);
  }

  @Test
  void mayBindPortsAndNothingElseOfRoots() throws IOException {
    assertThat(all("AmbientCapabilities")).containsExactly("CAP_NET_BIND_SERVICE");
    assertThat(all("CapabilityBoundingSet")).containsExactly("CAP_NET_BIND_SERVICE");
    assertThat(one("NoNewPrivileges")).isEqualTo("yes");
    assertThat(one("ProtectSystem")).isEqualTo("strict");
    assertThat(one("ProtectHome")).isEqualTo("yes");
    assertThat(one("PrivateTmp")).isEqualTo("yes");
    assertThat(one("RestrictAddressFamilies")).isEqualTo("AF_INET AF_INET6 AF_UNIX");
    assertThat(all("SystemCallFilter")).first().isEqualTo("@system-service");
  }

  @Test
  void letsTheJvmCompile() throws IOException {
    assertThat(all("MemoryDenyWriteExecute")).isEmpty();
    assertThat(Shipped.text(UNIT)).contains("# No MemoryDenyWriteExecute: the JVM compiles");
  }

  @Test
  void whatItWritesToIsItsOwn() throws IOException {
    for (String kind : List.of("ConfigurationDirectory", "StateDirectory", "LogsDirectory")) {
      assertThat(one(kind)).isEqualTo("postern");
    }
    assertThat(all("ReadWritePaths")).isEmpty();
  }

  @Test
  void systemdUnderstandsIt() throws Exception {
    Command.need("systemd", "systemd-analyze", "--version");
    // Postern need not be installed on the machine that runs the tests.
    Path unit =
        Files.writeString(
            folder.resolve("postern.service"),
            Shipped.text(UNIT).replace("ExecStart=/usr/bin/postern", "ExecStart=/bin/true"));
    Command verified =
        Command.run("", "systemd-analyze", "--recursive-errors=no", "verify", unit.toString());
    assertThat(verified.exit()).as(verified.err()).isZero();
    assertThat(verified.err().lines().filter(line -> line.contains("postern.service"))).isEmpty();
  }

  @Test
  void systemdFindsLittleExposed() throws Exception {
    Command.need("systemd", "systemd-analyze", "--version");
    Command judged =
        Command.run(
            "",
            "systemd-analyze",
            "security",
            "--offline=true",
            "--threshold=" + MOST_EXPOSURE,
            Shipped.DEPLOY.resolve(UNIT).toString());
    assertThat(judged.exit()).as(judged.out() + judged.err()).isZero();
    assertThat(judged.out()).contains("Overall exposure level for postern.service");
  }

  private ReadResult.Valid minimal() throws Exception {
    X509Bundle bundle =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=mail.example.org")
            .addSanDnsName("mail.example.org")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(folder.resolve("chain.pem"), bundle.getCertificatePathPEM());
    Files.writeString(folder.resolve("key.pem"), bundle.getPrivateKeyPEM());
    return (ReadResult.Valid)
        new ConfigurationReader(Protocols.load().infos())
            .read(
                """
                hostname: mail.example.org
                certificates: [{ name: main, chain: chain.pem, key: key.pem }]
                backends:
                  imap: { profile: plain, addresses: ["127.0.0.1:1"] }
                """,
                folder);
  }

  private static String one(String key) throws IOException {
    List<String> values = all(key);
    assertThat(values).as(key).hasSize(1);
    return values.getFirst();
  }

  private static List<String> all(String key) throws IOException {
    return settings().getOrDefault(key, List.of());
  }

  private static Map<String, List<String>> settings() throws IOException {
    Map<String, List<String>> settings = new LinkedHashMap<>();
    Shipped.text(UNIT)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#") && !line.startsWith("["))
        .forEach(
            line -> {
              int end = line.indexOf('=');
              assertThat(end).as(line).isPositive();
              settings
                  .computeIfAbsent(line.substring(0, end), key -> new ArrayList<>())
                  .add(line.substring(end + 1));
            });
    return settings;
  }
}
