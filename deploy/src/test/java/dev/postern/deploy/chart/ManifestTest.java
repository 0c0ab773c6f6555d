package dev.postern.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What Helm makes of the chart is what Kubernetes understands, whatever the values. */
@ExtendWith(RenderedExtension.class)
class ManifestTest {
  private static final Set<String> OFTEN =
      Set.of("ConfigMap", "Deployment", "NetworkPolicy", "Pod", "PodDisruptionBudget", "Service");

  @Test
  @Tag("CARD-6")
  void helmFindsNothingWrong(Renderings renderings) {
    assertThat(renderings.good()).hasSizeGreaterThanOrEqualTo(12);
    for (Rendering rendering : renderings.good()) {
      assertThat(rendering.refused()).as(rendering.name()).isEmpty();
      assertThat(rendering.lint()).as(rendering.name()).isEmpty();
    }
  }

  @Test
  @Tag("CARD-6")
  void everyManifestIsOfItsType(Renderings renderings) {
    for (Rendering rendering : renderings.good()) {
      for (Manifest manifest : rendering.manifests()) {
        assertThat(problems(manifest)).as("%s: %s", rendering.name(), manifest).hasValue(List.of());
      }
    }
  }

  @Test
  void everyKindOfTheChartIsSeen(Renderings renderings) {
    assertThat(
            renderings.good().stream()
                .flatMap(rendering -> rendering.manifests().stream())
                .map(Manifest::kind))
        .contains(
            "Certificate",
            "ConfigMap",
            "CronJob",
            "Deployment",
            "HorizontalPodAutoscaler",
            "NetworkPolicy",
            "Pod",
            "PodDisruptionBudget",
            "PodMonitor",
            "PrometheusRule",
            "Role",
            "RoleBinding",
            "Secret",
            "Service",
            "ServiceAccount",
            "ServiceMonitor");
  }

  @Test
  void leastValuesMakeWhatIsNeededAndNoMore(Renderings renderings) {
    assertThat(renderings.of("least").manifests())
        .extracting(Manifest::kind)
        .containsExactlyInAnyOrder(
            "ConfigMap",
            "Deployment",
            "NetworkPolicy",
            "Pod",
            "PodDisruptionBudget",
            "Service",
            "ServiceAccount");
    assertThat(renderings.of("bare").manifests())
        .extracting(Manifest::kind)
        .containsExactlyInAnyOrder("ConfigMap", "Deployment", "Pod", "Service");
    assertThat(OFTEN).isSubsetOf(kinds(renderings.of("six-services")));
  }

  @Test
  void namesAreUniqueAndNames(Renderings renderings) {
    for (Rendering rendering : renderings.good()) {
      assertThat(rendering.manifests())
          .as(rendering.name())
          .extracting(Manifest::toString)
          .doesNotHaveDuplicates()
          .allMatch(name -> name.matches("[A-Za-z]+ [a-z]([-a-z0-9]{0,61}[a-z0-9])?"));
    }
  }

  @Test
  void labelsSayWhatBelongsTogether(Renderings renderings) {
    for (Rendering rendering : renderings.good()) {
      for (Manifest manifest : rendering.manifests()) {
        Map<String, String> labels = Manifest.strings(manifest.at("/metadata/labels"));
        assertThat(labels)
            .as("%s: %s", rendering.name(), manifest)
            .containsEntry("app.kubernetes.io/instance", Helm.RELEASE)
            .containsEntry("app.kubernetes.io/name", "postern")
            .containsEntry("app.kubernetes.io/managed-by", "Helm");
      }
    }
    assertThat(renderings.of("placement").manifests())
        .allMatch(manifest -> manifest.at("/metadata/labels/owner").asText().equals("mail"));
  }

  /** The judges of the other tests can say no. */
  @Test
  void judgesSeeMistakes(Renderings renderings) {
    Manifest service = renderings.of("least").one("Service");
    assertThat(spoilt(service, "\"targetPort\"", "\"targetPrt\"")).hasSize(2);
    assertThat(spoilt(service, "\"port\":143", "\"prt\":143")).hasSize(2);
    Manifest deployment = renderings.of("least").one("Deployment");
    assertThat(spoilt(deployment, "\"selector\"", "\"selektor\"")).isNotEmpty();
    assertThat(spoilt(deployment, "\"replicas\":2", "\"replicas\":\"two\"")).isNotEmpty();
    Manifest certificate = renderings.of("cert-manager").all("Certificate").get(0);
    assertThat(spoilt(certificate, "dnsNames", "dnsName"))
        .containsExactlyInAnyOrder("dnsName[]: no such key", "dnsNames[]: missing");
  }

  private static List<String> spoilt(Manifest manifest, String part, String by) {
    String json = manifest.json().toString();
    assertThat(json).contains(part);
    return problems(Manifest.of(Yaml.map(json.replace(part, by)))).orElseThrow();
  }

  private static Optional<List<String>> problems(Manifest manifest) {
    return KubernetesTypes.problems(manifest).or(() -> CustomResources.problems(manifest));
  }

  private static Set<String> kinds(Rendering rendering) {
    return Set.copyOf(rendering.manifests().stream().map(Manifest::kind).toList());
  }
}
