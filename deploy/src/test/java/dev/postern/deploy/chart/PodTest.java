package dev.postern.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.postern.core.config.BackendSettings;
import dev.postern.core.config.Configuration;
import dev.postern.core.config.HostPort;
import dev.postern.core.config.ListenerSettings;
import dev.postern.core.config.Problem;
import dev.postern.core.config.ReadResult;
import dev.postern.core.config.StaplingSettings;
import dev.postern.core.server.Protocols;
import dev.postern.core.tls.TlsMode;
import dev.postern.deploy.process.ConfigurationFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What stands around the container agrees with what Postern reads in it. */
@ExtendWith(RenderedExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PodTest {
  private static final String HELM_TEST =
      "{\"podSelector\":{\"matchLabels\":{\"app.kubernetes.io/name\":\"postern\","
          + "\"app.kubernetes.io/instance\":\"mail\",\"app.kubernetes.io/component\":\"test\"}}}";

  private static final Pattern FILE = Pattern.compile("(?m)[:-] \"?(/[^\\s\"]+)\"?$");

  @TempDir Path folder;

  private Cluster cluster;

  @BeforeAll
  void fillCluster() throws Exception {
    cluster = new Cluster();
  }

  @Test
  @Tag("CARD-6")
  void configurationIsValidWithTheFilesThatAreMounted(Renderings renderings) throws IOException {
    for (Rendering rendering : renderings.good()) {
      ReadResult result = read(rendering);
      assertThat(result).as(rendering.name()).isInstanceOf(ReadResult.Valid.class);
      assertThat(((ReadResult.Valid) result).warnings())
          .as(rendering.name())
          .extracting(Problem::message)
          .allMatch(message -> expected(rendering, message));
    }
  }

  private static boolean expected(Rendering rendering, String warning) {
    return switch (rendering.name()) {
      // Nothing can be stapled to a certificate of the tests.
      case "several-certificates" -> warning.contains("nothing can be stapled");
      default -> false;
    };
  }

  @Test
  @Tag("CCO-4a")
  void sixServicesAreListenedOnAndReachedAtTheirPorts(Renderings renderings) throws IOException {
    Rendering rendering = renderings.of("six-services");
    assertThat(configuration(rendering).listeners())
        .extracting(ListenerSettings::service)
        .containsExactlyInAnyOrder("imaps", "imap", "pop3s", "pop3", "submissions", "submission");
    assertThat(configuration(rendering).listeners())
        .filteredOn(listener -> listener.mode() == TlsMode.STARTTLS)
        .hasSize(3);
    Map<Integer, Integer> targets = new TreeMap<>();
    Map<String, Integer> ports = containerPorts(rendering);
    for (JsonNode port : rendering.one("Service").list("/spec/ports")) {
      targets.put(port.path("port").asInt(), ports.get(port.path("targetPort").asText()));
    }
    assertThat(targets)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(993, 10993, 143, 10143, 995, 10995, 110, 10110, 465, 10465, 587, 10587));
  }

  @Test
  @Tag("CARD-6")
  void everyContainerPortIsListenedOnAndEveryListenerHasOne(Renderings renderings)
      throws IOException {
    for (Rendering rendering : renderings.good()) {
      Configuration configuration = configuration(rendering);
      Map<String, Integer> listened = new TreeMap<>();
      for (ListenerSettings listener : configuration.listeners()) {
        listened.put(listener.name(), listener.address().getPort());
        assertThat(listener.address().getAddress().isAnyLocalAddress()).isTrue();
      }
      listened.put("management", configuration.management().address().orElseThrow().getPort());
      assertThat(containerPorts(rendering)).as(rendering.name()).isEqualTo(listened);
      assertThat(listened.values()).doesNotHaveDuplicates().allMatch(port -> port >= 1024);
    }
  }

  @Test
  void everyTargetPortIsAPortOfTheContainer(Renderings renderings) {
    for (Rendering rendering : renderings.good()) {
      Set<String> ports = containerPorts(rendering).keySet();
      for (Manifest service : rendering.all("Service")) {
        assertThat(service.list("/spec/ports")).as("%s", service).isNotEmpty();
        for (JsonNode port : service.list("/spec/ports")) {
          assertThat(ports).contains(port.path("targetPort").asText());
        }
      }
      JsonNode container = container(rendering);
      for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
        assertThat(container.at("/" + probe + "/httpGet/port").asText()).isEqualTo("management");
        assertThat(container.at("/" + probe + "/httpGet/path").asText()).matches("/(live|ready)");
      }
    }
  }

  @Test
  void managementIsInNoServiceForClients(Renderings renderings) {
    for (Rendering rendering : renderings.good()) {
      for (Manifest service : rendering.all("Service")) {
        boolean metrics = service.name().endsWith("-metrics");
        assertThat(service.list("/spec/ports"))
            .as("%s: %s", rendering.name(), service)
            .allMatch(port -> port.path("targetPort").asText().equals("management") == metrics);
        assertThat(service.at("/spec/clusterIP").asText()).isEqualTo(metrics ? "None" : "");
      }
    }
  }

  @Test
  void clientsAddressesAreKept(Renderings renderings) {
    assertThat(renderings.of("least").one("Service").at("/spec/type").asText())
        .isEqualTo("LoadBalancer");
    for (Rendering rendering : renderings.good()) {
      for (Manifest service : rendering.all("Service")) {
        String policy = service.at("/spec/externalTrafficPolicy").asText();
        boolean inside = service.at("/spec/type").asText("ClusterIP").equals("ClusterIP");
        assertThat(policy)
            .as("%s: %s", rendering.name(), service)
            .isEqualTo(inside ? "" : rendering.name().equals("node-port") ? "Cluster" : "Local");
      }
    }
  }

  @Test
  void balancersAloneAreBelieved(Renderings renderings) throws IOException {
    Rendering rendering = renderings.of("balancers");
    String yaml = rendering.one("ConfigMap").at("/data/postern.yaml").asText();
    Map<String, List<String>> believed = new TreeMap<>();
    for (Object listener : (List<?>) Yaml.map(yaml).get("listeners")) {
      Map<?, ?> keys = (Map<?, ?>) listener;
      believed.put(
          String.valueOf(keys.get("name")),
          keys.get("proxy-protocol") instanceof List<?> from
              ? from.stream().map(String::valueOf).toList()
              : List.of());
    }
    List<String> balancers = List.of("10.0.1.1", "2001:db8:1::/64");
    assertThat(believed)
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("imap", balancers, "imaps", balancers, "inside", List.of()));
    assertThat(names(rendering.one("Service", "mail-postern"))).containsExactly("imap", "imaps");
    assertThat(names(rendering.one("Service", "mail-postern-inside"))).containsExactly("inside");
    // The test would be turned away.
    assertThat(rendering.one("Pod").at("/spec/containers"))
        .extracting(container -> container.path("name").asText())
        .containsExactly("configuration");
  }

  private static List<String> names(Manifest service) {
    return service.list("/spec/ports").stream().map(port -> port.path("name").asText()).toList();
  }

  @Test
  @Tag("CARD-6")
  void everyMountIsUsedAndEveryFileIsMounted(Renderings renderings) {
    for (Rendering rendering : renderings.good()) {
      Map<String, JsonNode> mounts =
          Cluster.mounts(rendering.one("Deployment").pods().get(0), container(rendering));
      String yaml =
          rendering.one("ConfigMap", fullName(rendering)).at("/data/postern.yaml").asText();
      List<String> named = FILE.matcher(yaml).results().map(match -> match.group(1)).toList();
      for (String path : mounts.keySet()) {
        boolean used =
            path.equals("/etc/postern")
                || path.equals("/tmp")
                || named.stream().anyMatch(file -> file.startsWith(path + "/"));
        assertThat(used).as("%s: %s is used", rendering.name(), path).isTrue();
      }
      for (String file : named) {
        assertThat(mounts.keySet())
            .as("%s: %s is mounted", rendering.name(), file)
            .anyMatch(path -> file.startsWith(path + "/"));
      }
      assertThat(rendering.one("Deployment").list("/spec/template/spec/volumes"))
          .as(rendering.name())
          .hasSize(mounts.size());
    }
  }

  @Test
  void secretsAreReadByPosternAloneAndNothingIsWritable(Renderings renderings) {
    for (Rendering rendering : renderings.good()) {
      for (JsonNode pod : rendering.one("Deployment").pods()) {
        for (JsonNode volume : pod.path("volumes")) {
          if (volume.has("secret")) {
            assertThat(volume.at("/secret/defaultMode").asInt()).isEqualTo(0440);
          }
        }
        assertThat(pod.at("/securityContext/fsGroup").asInt()).isEqualTo(65532);
      }
      for (JsonNode mount : container(rendering).path("volumeMounts")) {
        String path = mount.path("mountPath").asText();
        assertThat(mount.path("readOnly").asBoolean() || !path.matches("/(etc|run)/.*"))
            .as(path)
            .isTrue();
      }
      // Keys stand in Secrets, and in none but that of the tickets.
      assertThat(rendering.one("ConfigMap", fullName(rendering)).at("/data").toString())
          .doesNotContain("PRIVATE KEY");
      assertThat(rendering.all("Secret"))
          .extracting(Manifest::name)
          .allMatch("mail-postern-tickets"::equals);
    }
  }

  @Test
  void selectorsFindTheProxysPodsAndNoOthers(Renderings renderings) {
    for (Rendering rendering : renderings.good()) {
      Map<String, String> labels =
          Manifest.strings(rendering.one("Deployment").at("/spec/template/metadata/labels"));
      List<JsonNode> selectors = new ArrayList<>();
      selectors.add(rendering.one("Deployment").at("/spec/selector/matchLabels"));
      rendering.all("Service").forEach(service -> selectors.add(service.at("/spec/selector")));
      for (String kind : List.of("PodDisruptionBudget", "PodMonitor")) {
        rendering.all(kind).forEach(one -> selectors.add(one.at("/spec/selector/matchLabels")));
      }
      rendering
          .all("NetworkPolicy")
          .forEach(policy -> selectors.add(policy.at("/spec/podSelector/matchLabels")));
      rendering
          .one("Deployment")
          .list("/spec/template/spec/topologySpreadConstraints")
          .forEach(spread -> selectors.add(spread.at("/labelSelector/matchLabels")));
      List<Map<String, String>> others = new ArrayList<>();
      others.add(Manifest.strings(rendering.one("Pod").at("/metadata/labels")));
      rendering
          .all("CronJob")
          .forEach(
              job ->
                  others.add(
                      Manifest.strings(job.at("/spec/jobTemplate/spec/template/metadata/labels"))));
      for (JsonNode selector : selectors) {
        Map<String, String> wanted = Manifest.strings(selector);
        assertThat(wanted).as(rendering.name()).isNotEmpty();
        assertThat(labels).as(rendering.name()).containsAllEntriesOf(wanted);
        assertThat(others)
            .as(rendering.name())
            .noneMatch(other -> other.entrySet().containsAll(wanted.entrySet()));
      }
    }
  }

  @Test
  void podLivesAsLongAsItsDrainAndTheHookBeforeIt(Renderings renderings) throws IOException {
    for (Rendering rendering : renderings.good()) {
      Duration drain = configuration(rendering).terms().limits().drainDeadline();
      Duration hook =
          Duration.ofSeconds(container(rendering).at("/lifecycle/preStop/sleep/seconds").asInt());
      Duration grace =
          Duration.ofSeconds(
              rendering
                  .one("Deployment")
                  .at("/spec/template/spec/terminationGracePeriodSeconds")
                  .asInt());
      assertThat(hook).isEqualTo(Duration.ofSeconds(15));
      assertThat(grace)
          .as(rendering.name())
          .isBetween(drain.plus(hook).plusSeconds(15), drain.plus(hook).plusSeconds(16));
    }
    assertThat(
            renderings
                .of("whole-configuration")
                .one("Deployment")
                .at("/spec/template/spec/terminationGracePeriodSeconds")
                .asInt())
        .isEqualTo(91 + 15 + 15);
  }

  @Test
  void newPodsAreReadyBeforeOldOnesEnd(Renderings renderings) {
    for (Rendering rendering : renderings.good()) {
      Manifest deployment = rendering.one("Deployment");
      assertThat(deployment.at("/spec/strategy/rollingUpdate/maxUnavailable").asInt(-1)).isZero();
      assertThat(deployment.at("/spec/replicas").isMissingNode())
          .as(rendering.name())
          .isEqualTo(!rendering.all("HorizontalPodAutoscaler").isEmpty());
    }
  }

  @Test
  void onlyWhatIsReadAtTheStartMakesNewPods(Renderings renderings) {
    String checksum = "/spec/template/metadata/annotations/checksum~1read-at-start";
    String least = renderings.of("least").one("Deployment").at(checksum).asText();
    assertThat(least).hasSize(64);
    for (Rendering rendering : renderings.good()) {
      boolean audit = Set.of("whole-configuration", "placement").contains(rendering.name());
      assertThat(rendering.one("Deployment").at(checksum).asText().equals(least))
          .as(rendering.name())
          .isEqualTo(!audit);
      // Nothing else in the template depends on the configuration's text.
      assertThat(rendering.one("Deployment").at("/spec/template/metadata/annotations").size())
          .isEqualTo(rendering.name().equals("placement") ? 2 : 1);
    }
  }

  @Test
  @Tag("CARD-6")
  void podsMeetTheRestrictedPodSecurityStandard(Renderings renderings) {
    for (Rendering rendering : renderings.good()) {
      for (Manifest manifest : rendering.manifests()) {
        for (JsonNode pod : manifest.pods()) {
          assertThat(PodSecurity.violations(pod))
              .as("%s: %s", rendering.name(), manifest)
              .isEmpty();
        }
      }
    }
  }

  @Test
  void everyContainerHasAReadOnlyRootAndBounds(Renderings renderings) {
    for (Rendering rendering : renderings.good()) {
      for (Manifest manifest : rendering.manifests()) {
        for (JsonNode pod : manifest.pods()) {
          for (JsonNode container : pod.path("containers")) {
            assertThat(container.at("/securityContext/readOnlyRootFilesystem").asBoolean())
                .as("%s: %s", rendering.name(), manifest)
                .isTrue();
            assertThat(container.at("/resources/limits/memory").isMissingNode()).isFalse();
            assertThat(container.at("/resources/requests/cpu").isMissingNode()).isFalse();
          }
          boolean asksTheApi = manifest.kind().equals("CronJob");
          assertThat(pod.path("automountServiceAccountToken").asBoolean(true))
              .isEqualTo(asksTheApi);
        }
      }
    }
  }

  @Test
  @Tag("CARD-6")
  void networkPolicyLetsInAndOutWhatIsNeededAndNothingElse(Renderings renderings)
      throws IOException {
    for (Rendering rendering : renderings.good()) {
      if (rendering.name().equals("bare")) {
        assertThat(rendering.all("NetworkPolicy")).isEmpty();
        continue;
      }
      Manifest policy = rendering.one("NetworkPolicy");
      assertThat(policy.at("/spec/policyTypes").toString()).isEqualTo("[\"Ingress\",\"Egress\"]");
      assertThat(flows(policy.list("/spec/egress"), "to"))
          .as("%s: out", rendering.name())
          .isEqualTo(egress(rendering));
      assertThat(flows(policy.list("/spec/ingress"), "from"))
          .as("%s: in", rendering.name())
          .isEqualTo(ingress(rendering));
    }
  }

  private Set<String> egress(Rendering rendering) throws IOException {
    Configuration configuration = configuration(rendering);
    Set<String> flows = new TreeSet<>();
    boolean names = false;
    for (BackendSettings backend : configuration.backends().values()) {
      for (HostPort address : backend.addresses()) {
        if (address.host().contains(":")) {
          flows.add(address.host() + "/128 TCP " + address.port());
        } else if (address.host().matches("[0-9.]+")) {
          flows.add(address.host() + "/32 TCP " + address.port());
        } else {
          names = true;
          flows.add("any TCP " + address.port());
        }
      }
    }
    boolean fetches =
        configuration.certificates().stream()
            .anyMatch(one -> one.stapling() instanceof StaplingSettings.Fetched);
    if (fetches) {
      flows.add("any TCP 80");
    }
    String dns =
        "{\"namespaceSelector\":{\"matchLabels\":{\"kubernetes.io/metadata.name\":\"kube-system\"}},"
            + "\"podSelector\":{\"matchLabels\":{\"k8s-app\":\"kube-dns\"}}}";
    Set<String> servers = Set.of(dns, "169.254.20.10/32");
    if (rendering.name().equals("backends-in-the-cluster")) {
      servers = Set.of("10.96.0.10/32");
      flows.remove("any TCP 143");
      flows.add("{\"podSelector\":{\"matchLabels\":{\"app\":\"dovecot\"}}} TCP 10143");
    }
    if (names || fetches) {
      for (String server : servers) {
        flows.add(server + " UDP 53");
        flows.add(server + " TCP 53");
      }
    }
    if (rendering.name().equals("pod-monitor")) {
      flows.add("10.0.9.9/32 TCP 8080");
    }
    return flows;
  }

  private Set<String> ingress(Rendering rendering) throws IOException {
    Set<String> flows = new TreeSet<>();
    for (ListenerSettings listener : configuration(rendering).listeners()) {
      switch (rendering.name()) {
        case "pod-monitor" -> {
          flows.add("10.0.0.0/8 but 10.9.0.0/16 TCP " + listener.name());
          flows.add(HELM_TEST + " TCP " + listener.name());
        }
        case "balancers" -> {
          if (listener.name().equals("inside")) {
            flows.add("any TCP inside");
          } else {
            flows.add("10.0.1.1/32 TCP " + listener.name());
            flows.add("2001:db8:1::/64 TCP " + listener.name());
          }
        }
        default -> flows.add("any TCP " + listener.name());
      }
    }
    switch (rendering.name()) {
      case "pod-monitor" -> {
        flows.add("{\"podSelector\":{\"matchLabels\":{\"app\":\"webmail\"}}} TCP imaps");
        flows.add(
            "{\"namespaceSelector\":{\"matchLabels\":"
                + "{\"kubernetes.io/metadata.name\":\"monitoring\"}}} TCP management");
      }
      case "service-monitor" -> flows.add("{\"namespaceSelector\":{}} TCP management");
      default -> {
        // nobody scrapes
      }
    }
    return flows;
  }

  /** Each peer and port that rules let through, in words. */
  private static Set<String> flows(List<JsonNode> rules, String direction) {
    Set<String> flows = new TreeSet<>();
    for (JsonNode rule : rules) {
      // A rule without ports would be for all of them.
      assertThat(rule.path("ports").isEmpty()).isFalse();
      assertThat(rule.has(direction) && rule.path(direction).isEmpty()).isFalse();
      List<String> peers =
          rule.has(direction)
              ? Manifest.list(rule.path(direction)).stream().map(PodTest::peer).toList()
              : List.of("any");
      for (JsonNode port : rule.path("ports")) {
        for (String peer : peers) {
          flows.add(peer + " " + port.path("protocol").asText() + " " + port.path("port").asText());
        }
      }
    }
    return flows;
  }

  private static String peer(JsonNode peer) {
    if (!peer.has("ipBlock")) {
      return peer.toString();
    }
    String except =
        Manifest.list(peer.at("/ipBlock/except")).stream()
            .map(JsonNode::asText)
            .collect(Collectors.joining(","));
    return peer.at("/ipBlock/cidr").asText() + (except.isEmpty() ? "" : " but " + except);
  }

  private static String fullName(Rendering rendering) {
    return rendering.one("Deployment").name();
  }

  private static JsonNode container(Rendering rendering) {
    return rendering.one("Deployment").at("/spec/template/spec/containers/0");
  }

  private static Map<String, Integer> containerPorts(Rendering rendering) {
    Map<String, Integer> ports = new TreeMap<>();
    container(rendering)
        .path("ports")
        .forEach(port -> ports.put(port.path("name").asText(), port.path("containerPort").asInt()));
    return ports;
  }

  private Configuration configuration(Rendering rendering) throws IOException {
    ReadResult result = read(rendering);
    assertThat(result).as(rendering.name()).isInstanceOf(ReadResult.Valid.class);
    return ((ReadResult.Valid) result).configuration();
  }

  /** Reads what the container's arguments name, with its mounts below a folder. */
  private ReadResult read(Rendering rendering) throws IOException {
    Path root = Files.createTempDirectory(folder, "root");
    JsonNode container = container(rendering);
    cluster.mount(
        root, rendering, Cluster.mounts(rendering.one("Deployment").pods().get(0), container));
    assertThat(container.path("args").toString())
        .isEqualTo("[\"run\",\"--config\",\"/etc/postern/postern.yaml\"]");
    Path file = Path.of(root + container.at("/args/2").asText());
    String yaml =
        FILE.matcher(Files.readString(file))
            .replaceAll(match -> match.group().replace(match.group(1), root + match.group(1)));
    Path moved = file.resolveSibling("moved.yaml");
    Files.writeString(moved, yaml);
    return new ConfigurationFile(moved, Protocols.load(), Clock.systemUTC()).read();
  }
}
