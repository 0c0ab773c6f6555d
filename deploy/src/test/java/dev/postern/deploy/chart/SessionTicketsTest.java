package dev.postern.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Keys of session tickets that replicas share: made once, and rotated. */
@ExtendWith(RenderedExtension.class)
class SessionTicketsTest {
  private static final String SECRET = "mail-postern-tickets";

  // As much of kubectl as the job needs: a Secret is a folder of files with the data.
  private static final String KUBECTL =
      """
      #!/bin/sh
      echo "$*" >>"$CLUSTER/arguments"
      case "$1 $2 $3" in
        "get secret mail-postern-tickets")
          path=${5#"jsonpath={.data."}
          cat "$CLUSTER/${path%"}"}" ;;
        "patch secret mail-postern-tickets") cat >"$CLUSTER/patch" ;;
        *) exit 1 ;;
      esac
      """;

  @TempDir Path folder;

  @Test
  @Tag("CARD-6")
  void installationMakesThreeKeysThatAreInNoRelease(Renderings renderings) {
    assertThat(
            renderings
                .of("shared-tickets")
                .one("Secret", SECRET)
                .at("/metadata/annotations")
                .toString())
        .isEqualTo("{\"%s\":\"pre-install,pre-upgrade\"}".formatted(Helm.SHOWN_HOOK));
    Map<String, String> data = keys(renderings.of("shared-tickets"));
    assertThat(data).containsOnlyKeys("current", "next", "previous");
    assertThat(data.values())
        .doesNotHaveDuplicates()
        .allSatisfy(value -> assertThat(Base64.getDecoder().decode(value)).hasSize(48));
  }

  @Test
  @Tag("CARD-6")
  void upgradeKnowsNothingOfTheKeysThatAreInUse() throws IOException {
    Map<String, String> there = Map.of("current", encoded("current"));
    List<Path> values =
        Chart.values("").stream().filter(file -> file.endsWith("shared-tickets.yaml")).toList();
    Map<String, Rendering> upgraded =
        Chart.here().render(folder, Chart.OLDEST_KUBERNETES, values, Map.of(SECRET, there));
    assertThat(upgraded.get("shared-tickets").all("Secret")).isEmpty();
  }

  @Test
  void keysOfOthersAreNeitherMadeNorRotated(Renderings renderings) {
    Rendering rendering = renderings.of("existing-tickets");
    for (String kind : List.of("Secret", "CronJob", "Role", "RoleBinding")) {
      assertThat(rendering.all(kind)).as(kind).isEmpty();
    }
    assertThat(rendering.one("Deployment").at("/spec/template/spec/volumes").toString())
        .contains("\"secretName\":\"ticket-keys\"");
  }

  @Test
  void replicasHaveTheirOwnKeysUnlessAskedToShare(Renderings renderings) {
    assertThat(renderings.of("least").one("ConfigMap").at("/data/postern.yaml").asText())
        .doesNotContain("tickets");
    assertThat(renderings.of("no-tickets").one("ConfigMap").at("/data/postern.yaml").asText())
        .contains("tickets: \"off\"");
  }

  @Test
  @Tag("CARD-6")
  void jobMayTouchThatSecretAlone(Renderings renderings) {
    Rendering rendering = renderings.of("shared-tickets");
    JsonNode rules = rendering.one("Role").at("/rules");
    assertThat(rules.toString())
        .isEqualTo(
            "[{\"apiGroups\":[\"\"],\"resources\":[\"secrets\"],"
                + "\"resourceNames\":[\"mail-postern-tickets\"],\"verbs\":[\"get\",\"patch\"]}]");
    JsonNode job = job(rendering);
    String account = job.path("serviceAccountName").asText();
    assertThat(rendering.one("RoleBinding").at("/subjects/0/name").asText()).isEqualTo(account);
    assertThat(rendering.one("RoleBinding").at("/subjects/0/namespace").asText())
        .isEqualTo(Helm.NAMESPACE);
    assertThat(rendering.one("RoleBinding").at("/roleRef/name").asText())
        .isEqualTo(rendering.one("Role").name());
    assertThat(rendering.one("ServiceAccount", account).name())
        .isNotEqualTo(
            rendering.one("Deployment").at("/spec/template/spec/serviceAccountName").asText());
    assertThat(rendering.one("CronJob").at("/spec/schedule").asText()).isEqualTo("0 */6 * * *");
  }

  /** So that no replica is ever shown a ticket whose key it does not have. */
  @Test
  @Tag("CARD-6")
  void everyReplicaKnowsAKeyBeforeItIsUsed(Renderings renderings) throws Exception {
    for (String name : List.of("current", "next", "previous")) {
      Files.writeString(folder.resolve(name), encoded(name));
    }
    assertThat(rotate(renderings)).isZero();
    JsonNode data = Manifest.MAPPER.readTree(folder.resolve("patch").toFile()).path("data");
    assertThat(data.size()).isEqualTo(3);
    assertThat(data.path("current").asText()).isEqualTo(encoded("next"));
    assertThat(data.path("previous").asText()).isEqualTo(encoded("current"));
    assertThat(Base64.getDecoder().decode(data.path("next").asText())).hasSize(48);
    assertThat(data.path("next").asText()).isNotIn(encoded("next"), encoded("previous"));
    assertThat(folder.resolve("arguments"))
        .content()
        .doesNotContain(encoded("current"), encoded("next"), data.path("next").asText());
  }

  @Test
  void aDamagedSecretIsLeftAsItIs(Renderings renderings) throws Exception {
    Files.writeString(folder.resolve("current"), encoded("current"));
    Files.writeString(folder.resolve("next"), "");
    assertThat(rotate(renderings)).isNotZero();
    assertThat(folder.resolve("patch")).doesNotExist();
  }

  private int rotate(Renderings renderings) throws Exception {
    Path program = Files.writeString(folder.resolve("kubectl"), KUBECTL);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    List<String> command =
        Manifest.list(job(renderings.of("shared-tickets")).at("/containers/0/command")).stream()
            .map(JsonNode::asText)
            .toList();
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
    builder.environment().put("CLUSTER", folder.toString());
    builder.environment().put("SECRET", SECRET);
    Process process = builder.start();
    process.getInputStream().readAllBytes();
    return process.waitFor();
  }

  private static JsonNode job(Rendering rendering) {
    return rendering.one("CronJob").pods().get(0);
  }

  private static Map<String, String> keys(Rendering rendering) {
    return Manifest.strings(rendering.one("Secret", SECRET).at("/data"));
  }

  /** A key of 48 octets that is known by its beginning. */
  private static String encoded(String name) {
    return Base64.getEncoder()
        .encodeToString("%-48s".formatted(name).getBytes(StandardCharsets.US_ASCII));
  }
}
