package dev.postern.deploy.chart;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a user reads after the installation, and what {@code helm test} tries. */
@ExtendWith(RenderedExtension.class)
class NotesTest {
  private static final Pattern PROBE =
      Pattern.compile("(?m)^  openssl s_client -connect \"\\$ADDRESS:(\\d+)\".*$");

  @Test
  @Tag("CCO-4a")
  void everyPortOfTheServiceIsTried(Renderings renderings) {
    Rendering rendering = renderings.of("six-services");
    assertThat(PROBE.matcher(rendering.notes()).results().map(probe -> probe.group(1)))
        .containsExactlyInAnyOrder("993", "143", "995", "110", "465", "587");
    assertThat(rendering.notes())
        .contains("$ADDRESS:143\" -servername mail.example.org", "-starttls imap -brief")
        .contains("-starttls pop3 -brief", "-starttls smtp -brief")
        .contains("helm -n post test mail");
  }

  @Test
  void aMissingHostnameIsTold(Renderings renderings) {
    assertThat(renderings.of("least").notes())
        .contains("No hostname is set: greetings and trace fields say mail-postern.post.svc");
    assertThat(renderings.of("six-services").notes()).doesNotContain("No hostname");
  }

  @Test
  void nothingIsLeftUnfilled(Renderings renderings) {
    for (Rendering rendering : renderings.good()) {
      assertThat(rendering.notes())
          .as(rendering.name())
          .contains("stands in front of: ")
          .doesNotContain("<no value>", "{{", "%!");
    }
  }

  @Test
  void hiddenAddressesAndBalancersAreTold(Renderings renderings) {
    assertThat(renderings.of("node-port").notes())
        .contains("externalTrafficPolicy is Cluster")
        .containsPattern("port-forward service/mail-postern( \\d+:\\d+)* 10993:1993");
    assertThat(renderings.of("balancers").notes())
        .contains("Only 10.0.1.1, 2001:db8:1::/64 may connect")
        .doesNotContain("openssl");
  }

  @Test
  @Tag("CARD-6")
  void testTriesEveryListenerByPosternsOwnCommand(Renderings renderings) {
    Manifest pod = renderings.of("six-services").one("Pod");
    assertThat(pod.at("/metadata/annotations").path(Helm.SHOWN_HOOK).asText()).isEqualTo("test");
    List<String> arguments =
        pod.list("/spec/containers").stream()
            .map(container -> container.path("args"))
            .map(
                args ->
                    String.join(" ", Manifest.list(args).stream().map(JsonNode::asText).toList()))
            .toList();
    String show = "cert show --connect=mail-postern:";
    String name = " --servername=mail.example.org";
    assertThat(arguments)
        .containsExactlyInAnyOrder(
            "check-config /etc/postern/postern.yaml",
            show + "993" + name,
            show + "143" + name + " --starttls=imap",
            show + "995" + name,
            show + "110" + name + " --starttls=pop3",
            show + "465" + name,
            show + "587" + name + " --starttls=smtp");
  }
}
