package dev.postern.deploy.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.config.BackendSettings;
import dev.postern.core.config.Configuration;
import dev.postern.core.config.ConfigurationReader;
import dev.postern.core.config.ReadResult;
import dev.postern.core.server.Protocols;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The compose example: what its files say of each other is true, and nothing is open. */
class ComposeTest {
  private static final Path FOLDER = Shipped.DEPLOY.resolve("compose");

  /** Keys of the compose specification that the example uses; others are likely to be typos. */
  private static final Set<String> TOP = Set.of("name", "services", "networks", "volumes");

  private static final Set<String> OF_SERVICE =
      Set.of(
          "build",
          "cap_drop",
          "command",
          "depends_on",
          "environment",
          "image",
          "network_mode",
          "networks",
          "ports",
          "read_only",
          "restart",
          "security_opt",
          "stop_grace_period",
          "tmpfs",
          "ulimits",
          "user",
          "volumes");

  private static final Pattern PORT = Pattern.compile("(?:([0-9.]+):)?(\\d+):(\\d+)");
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+):-([^}]+)}");

  @TempDir Path folder;
  private Tree compose;

  @BeforeEach
  void read() throws IOException {
    compose = Shipped.yaml("compose/compose.yaml");
  }

  @Test
  void usesNoKeyThatComposeDoesNotKnow() {
    assertThat(TOP).containsAll(compose.keys());
    services().forEach((name, service) -> assertThat(OF_SERVICE).containsAll(service.keys()));
  }

  @Test
  void eachServiceHasAnImageWithATagOrIsBuiltHere() throws IOException {
    Set<String> built = new HashSet<>();
    for (Tree service : services().values()) {
      if (service.has("build")) {
        assertThat(FOLDER.resolve(service.at("build").text()).resolve("Dockerfile")).exists();
        built.add(service.at("image").text());
      }
    }
    for (Tree service : services().values()) {
      String image = resolve(service.at("image").text());
      if (!built.contains(image)) {
        assertThat(image).as("%s's image", service.place()).matches(".+:[^:/]+");
      }
    }
    // as the build names it
    Matcher version =
        Pattern.compile("<artifactId>postern-parent</artifactId>\\s*<version>([^<]+)</version>")
            .matcher(Shipped.text("pom.xml"));
    assertThat(version.find()).isTrue();
    for (String name : List.of("postern", "certificate")) {
      assertThat(service(name).at("image").text())
          .isEqualTo("${POSTERN_IMAGE:-postern:" + version.group(1) + "}");
    }
  }

  @Test
  void mountsWhatIsThereAndWritesToNoneOfIt() {
    Set<String> volumes = compose.at("volumes").keys();
    Set<String> used = new HashSet<>();
    services()
        .values()
        .forEach(
            service -> {
              if (!service.has("volumes")) {
                return;
              }
              for (String volume : service.at("volumes").texts()) {
                String[] parts = volume.split(":", -1);
                if (parts[0].startsWith(".")) {
                  assertThat(FOLDER.resolve(parts[0])).exists();
                  assertThat(parts).as(volume).hasSize(3).endsWith("ro");
                } else {
                  assertThat(volumes).as(volume).contains(parts[0]);
                  used.add(parts[0]);
                }
              }
            });
    assertThat(used).isEqualTo(volumes);
  }

  @Test
  void theConfigurationIsValidAndItsFilesAreMounted() throws Exception {
    Configuration configuration = configuration();
    assertThat(configuration.hostname()).isEqualTo("mail.example.org");
    List<String> mounts = service("postern").at("volumes").texts();
    assertThat(mounts).contains("tls:/etc/postern/tls:ro");
    String run = String.join(" ", service("postern").at("command").texts());
    String file = run.replaceFirst(".* ", "");
    assertThat(mounts).contains("./postern/postern.yaml:" + file + ":ro");
    // the certificate is made for the name that the configuration has, where it looks for it
    assertThat(service("certificate").at("command").texts())
        .containsSubsequence("--hostname", configuration.hostname(), "--out", "/etc/postern/tls");
    assertThat(service("certificate").at("volumes").texts()).contains("tls:/etc/postern/tls");
  }

  @Test
  void theSixServicesArePublishedOnTheirPortsAndNothingElseIs() throws Exception {
    Map<Integer, String> inside =
        configuration().listeners().stream()
            .collect(Collectors.toMap(l -> l.address().getPort(), l -> l.service()));
    Map<String, Integer> published = new HashMap<>();
    for (String port : service("postern").at("ports").texts()) {
      Matcher parts = PORT.matcher(port);
      assertThat(parts.matches()).as(port).isTrue();
      assertThat(parts.group(1)).as("the address of %s", port).isNull();
      published.put(
          inside.remove(Integer.parseInt(parts.group(3))), Integer.parseInt(parts.group(2)));
    }
    assertThat(inside).isEmpty();
    assertThat(published)
        .isEqualTo(
            Map.of(
                "imaps",
                993,
                "imap",
                143,
                "pop3s",
                995,
                "pop3",
                110,
                "submissions",
                465,
                "submission",
                587));
    services()
        .forEach(
            (name, service) -> {
              if (!name.equals("postern") && service.has("ports")) {
                assertThat(service.at("ports").texts())
                    .as(name)
                    .allMatch(port -> port.startsWith("127.0.0.1:"));
              }
            });
  }

  @Test
  void backendsAreReachedByPosternAloneAndTrustNobodyElse() throws Exception {
    assertThat(compose.at("networks").at("backend").at("internal").text()).isEqualTo("true");
    String address = service("postern").at("networks").at("backend").at("ipv4_address").text();
    String subnet =
        compose
            .at("networks")
            .at("backend")
            .at("ipam")
            .at("config")
            .items()
            .getFirst()
            .at("subnet")
            .text();
    assertThat(subnet).endsWith(".0/24");
    assertThat(address).startsWith(subnet.substring(0, subnet.length() - "0/24".length()));
    Set<String> servers = new HashSet<>();
    for (BackendSettings backend : configuration().backends().values()) {
      backend.addresses().forEach(server -> servers.add(server.host()));
    }
    assertThat(servers).containsExactlyInAnyOrder("dovecot", "postfix");
    for (String server : servers) {
      assertThat(service(server).at("networks").texts()).containsExactly("backend");
      assertThat(service(server).at("environment").at("TRUSTED").text()).isEqualTo(address);
    }
    services()
        .forEach(
            (name, service) -> {
              if (!servers.contains(name) && !name.equals("postern") && service.has("networks")) {
                assertThat(service.at("networks").texts()).as(name).doesNotContain("backend");
              }
            });
  }

  @Test
  void backendsListenWherePosternLooksForThem() throws Exception {
    assertThat(Files.readString(FOLDER.resolve("dovecot/Dockerfile")))
        .contains("EXPOSE 24 110 143");
    assertThat(Files.readString(FOLDER.resolve("postfix/Dockerfile"))).contains("EXPOSE 587");
    assertThat(Files.readString(FOLDER.resolve("postfix/master.cf")))
        .containsPattern("(?m)^587 +inet .* smtpd$");
    assertThat(
            configuration().backends().values().stream()
                .flatMap(backend -> backend.addresses().stream())
                .map(address -> address.host() + ":" + address.port()))
        .containsExactlyInAnyOrder("dovecot:143", "dovecot:110", "postfix:587");
  }

  @Test
  void runsAsNobodyAndMayNothing() {
    for (String name : List.of("postern", "certificate")) {
      Tree service = service(name);
      assertThat(resolve(service.at("user").text())).as(name).matches("[1-9]\\d*:[1-9]\\d*");
      assertThat(service.at("read_only").text()).as(name).isEqualTo("true");
      assertThat(service.at("cap_drop").texts()).as(name).containsExactly("ALL");
      assertThat(service.at("security_opt").texts()).as(name).contains("no-new-privileges:true");
    }
  }

  @Test
  void isGivenTimeToDrainAndFilesForAllConnections() throws Exception {
    Configuration configuration = configuration();
    assertThat(Integer.parseInt(service("postern").at("stop_grace_period").text().replace("s", "")))
        .isGreaterThan((int) configuration.terms().limits().drainDeadline().toSeconds());
    assertThat(Integer.parseInt(service("postern").at("ulimits").at("nofile").text()))
        .isGreaterThan(2 * configuration.terms().limits().connections() + 1000);
  }

  @Test
  void prometheusScrapesTheManagementEndpointAndGrafanaAsksPrometheus() throws Exception {
    Tree prometheus = Shipped.yaml("prometheus/prometheus.yml");
    String target =
        prometheus
            .at("scrape_configs")
            .items()
            .getFirst()
            .at("static_configs")
            .items()
            .getFirst()
            .at("targets")
            .texts()
            .getFirst();
    int port =
        Integer.parseInt(
            Shipped.yaml("compose/postern/postern.yaml")
                .at("management")
                .at("address")
                .text()
                .substring(1));
    assertThat(target).isEqualTo("postern:" + port);
    List<String> mounts = service("prometheus").at("volumes").texts();
    for (String rules : prometheus.at("rule_files").texts()) {
      assertThat(mounts).contains("../prometheus/" + rules + ":/etc/prometheus/" + rules + ":ro");
    }
    assertThat(shared("postern", "prometheus")).containsExactly("monitoring");
    assertThat(shared("prometheus", "grafana")).containsExactly("monitoring");

    Tree source =
        Shipped.yaml("compose/grafana/datasources/prometheus.yml")
            .at("datasources")
            .items()
            .getFirst();
    assertThat(source.at("url").text()).isEqualTo("http://prometheus:9090");
    String dashboards =
        Shipped.yaml("compose/grafana/dashboards/postern.yml")
            .at("providers")
            .items()
            .getFirst()
            .at("options")
            .at("path")
            .text();
    assertThat(service("grafana").at("volumes").texts())
        .contains("../grafana/postern.json:" + dashboards + "/postern.json:ro");
    assertThat(service("grafana").at("environment").at("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"))
        .extracting(Tree::text)
        .isEqualTo(dashboards + "/postern.json");
  }

  @Test
  void aliceAndBobHaveMailboxes() throws IOException {
    assertThat(Files.readString(FOLDER.resolve("dovecot/users")))
        .contains("alice@example.org:", "bob@example.org:");
    assertThat(Files.readString(FOLDER.resolve("postfix/main.cf")))
        .contains("virtual_mailbox_domains = example.org\n");
  }

  private Set<String> shared(String one, String other) {
    Set<String> networks = new HashSet<>(networks(one));
    networks.retainAll(networks(other));
    return networks;
  }

  private Set<String> networks(String name) {
    Tree networks = service(name).at("networks");
    return networks.value() instanceof List<?> ? Set.copyOf(networks.texts()) : networks.keys();
  }

  private Map<String, Tree> services() {
    return compose.at("services").entries();
  }

  private Tree service(String name) {
    return compose.at("services").at(name);
  }

  /** Fills variables with their defaults. */
  private static String resolve(String text) {
    return VARIABLE.matcher(text).replaceAll(match -> match.group(2));
  }

  /** Reads the configuration as Postern would in its container, with a certificate of its own. */
  private Configuration configuration() throws Exception {
    X509Bundle bundle =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=mail.example.org")
            .addSanDnsName("mail.example.org")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(folder.resolve("chain.pem"), bundle.getCertificatePathPEM());
    Files.writeString(folder.resolve("key.pem"), bundle.getPrivateKeyPEM());
    String yaml = Shipped.text("compose/postern/postern.yaml");
    assertThat(yaml).contains(" /etc/postern/tls/chain.pem,", " /etc/postern/tls/key.pem ");
    return switch (new ConfigurationReader(Protocols.load().infos())
        .read(yaml.replace("/etc/postern/tls/", ""), folder)) {
      case ReadResult.Valid valid -> {
        assertThat(valid.warnings()).isEmpty();
        yield valid.configuration();
      }
      case ReadResult.Invalid invalid -> throw new AssertionError(invalid.problems().toString());
    };
  }
}
