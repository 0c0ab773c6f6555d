package dev.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.deep.DeepStatus;
import dev.postern.core.snapshot.SubmissionLimits;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {

  @Test
  void passesOnlyWhatIsOnTheList() {
    assertThat(
            shown(
                List.of(
                    "PIPELINING",
                    "VRFY",
                    "ETRN",
                    "EXPN",
                    "XCLIENT ADDR",
                    "XFORWARD ADDR",
                    "BURL imap",
                    "REQUIRETLS",
                    "STARTTLS",
                    "AUTH PLAIN",
                    "DEEP tls10",
                    "X-ANYTHING",
                    "LIMITS RCPTMAX=100",
                    "MT-PRIORITY MIXER",
                    "")))
        .containsExactly(
            "PIPELINING", "LIMITS MAILMAX=10000 RCPTMAX=100", "MT-PRIORITY MIXER", "DEEP");
  }

  @Test
  void lowersTheSizeByTheTraceField() {
    assertThat(shown(List.of("SIZE 10240000"))).contains("SIZE 10239500");
    assertThat(shown(List.of("SIZE 100"))).contains("SIZE 1");
    assertThat(shown(List.of("SIZE 0"))).contains("SIZE 0");
    assertThat(shown(List.of("SIZE"))).contains("SIZE");
    assertThat(shown(List.of("size many"))).contains("SIZE many");
  }

  @Test
  void binaryMimeNeedsChunking() {
    assertThat(shown(List.of("BINARYMIME"))).containsExactly("DEEP");
    assertThat(shown(List.of("BINARYMIME", "CHUNKING")))
        .containsExactly("BINARYMIME", "CHUNKING", "DEEP");
  }

  @Test
  void burlNeedsChunking() {
    assertThat(shown(List.of("BURL imap"))).containsExactly("DEEP");
    assertThat(shown(List.of("BURL imap", "CHUNKING")))
        .containsExactly("BURL imap", "CHUNKING", "DEEP");
  }

  @Test
  void theLowerOfTwoLimitsIsShown() {
    SubmissionLimits own =
        new SubmissionLimits(200, 20, 70_000, Duration.ofMinutes(5), Duration.ofMinutes(10));
    assertThat(
            Capabilities.shown(
                Extensions.of(
                    List.of("SIZE 10240000", "LIMITS MAILMAX=100 RCPTDOMAINMAX=3 RCPTMAX=x")),
                false,
                false,
                false,
                DeepStatus.NONE,
                500,
                own))
        .containsExactly("SIZE 70000", "LIMITS RCPTDOMAINMAX=3 MAILMAX=20 RCPTMAX=200", "DEEP");
    assertThat(
            Capabilities.shown(
                Extensions.of(List.of("SIZE 0", "LIMITS mailmax=5 rcptmax=6")),
                false,
                false,
                false,
                DeepStatus.NONE,
                500,
                own))
        .containsExactly("SIZE 70000", "LIMITS MAILMAX=5 RCPTMAX=6", "DEEP");
  }

  @Test
  void authIsShownOnlyWhereItCanSucceed() {
    Extensions login = Extensions.of(List.of("AUTH GSSAPI login"));
    assertThat(
            Capabilities.shown(
                login, true, false, false, DeepStatus.NONE, 500, SubmissionLimits.DEFAULT))
        .contains("AUTH PLAIN LOGIN");
    assertThat(
            Capabilities.shown(
                login, false, false, true, DeepStatus.NONE, 500, SubmissionLimits.DEFAULT))
        .containsExactly("STARTTLS", "DEEP");
    assertThat(
            Capabilities.shown(
                Extensions.of(List.of("AUTH GSSAPI PLAINLY")),
                true,
                false,
                false,
                DeepStatus.NONE,
                500,
                SubmissionLimits.DEFAULT))
        .containsExactly("DEEP");
  }

  @Test
  @Tag("DEEP-7.3a")
  void deepCarriesTheStatus() {
    DeepStatus status =
        new DeepStatus(List.of("tls12"), Optional.of(URI.create("https://help.example.org/")));
    assertThat(
            Capabilities.shown(
                Extensions.of(List.of()), false, false, false, status, 0, SubmissionLimits.DEFAULT))
        .containsExactly("DEEP tls12 <https://help.example.org/>");
  }

  private static List<String> shown(List<String> backend) {
    return Capabilities.shown(
        Extensions.of(backend),
        false,
        false,
        false,
        DeepStatus.NONE,
        500,
        SubmissionLimits.DEFAULT);
  }
}
