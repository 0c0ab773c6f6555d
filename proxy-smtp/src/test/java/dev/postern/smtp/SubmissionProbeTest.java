package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.Probe;
import dev.postern.core.protocol.Probe.Step;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubmissionProbeTest {

  @Test
  void learnsTheLinesBehindTheFirst() {
    Probe probe = new SubmissionProbe(BackendProfile.POSTFIX, "mail.example.org");
    assertThat(say(probe, "220-wait")).isEqualTo(new Step.More());
    assertThat(say(probe, "220 backend ESMTP Postfix"))
        .isEqualTo(new Step.Send("EHLO mail.example.org\r\n"));
    assertThat(say(probe, "250-backend PIPELINING")).isEqualTo(new Step.More());
    assertThat(say(probe, "250-XCLIENT NAME ADDR")).isEqualTo(new Step.More());
    assertThat(say(probe, "250 AUTH PLAIN LOGIN"))
        .isEqualTo(
            new Step.Learned(
                new BackendOffer(List.of("XCLIENT NAME ADDR", "AUTH PLAIN LOGIN"), true, List.of()),
                "QUIT\r\n"));
  }

  @Test
  void warnsOfWhatAnOperatorMustChange() {
    assertThat(warnings(BackendProfile.POSTFIX, "250 PIPELINING"))
        .hasSize(2)
        .anyMatch(w -> w.contains("smtpd_tls_auth_only"))
        .anyMatch(w -> w.contains("smtpd_authorized_xclient_hosts"));
    assertThat(warnings(BackendProfile.DOVECOT_2_4, "250 AUTH PLAIN"))
        .singleElement()
        .asString()
        .contains("login_trusted_networks");
    assertThat(warnings(BackendProfile.PLAIN, "250 AUTH GSSAPI")).hasSize(1);
    assertThat(warnings(BackendProfile.PLAIN, "250 AUTH LOGIN")).isEmpty();
  }

  @Test
  void failsWhereThereIsNoSubmissionService() {
    assertThat(say(new SubmissionProbe(BackendProfile.PLAIN, "x"), "* OK IMAP4rev1"))
        .isInstanceOf(Step.Failed.class);
    assertThat(say(new SubmissionProbe(BackendProfile.PLAIN, "x"), "554 no"))
        .isInstanceOf(Step.Failed.class);
    Probe probe = new SubmissionProbe(BackendProfile.PLAIN, "x");
    say(probe, "220 hello");
    assertThat(say(probe, "502 what")).isInstanceOf(Step.Failed.class);
  }

  private static List<String> warnings(BackendProfile profile, String last) {
    Probe probe = new SubmissionProbe(profile, "mail.example.org");
    say(probe, "220 hello");
    say(probe, "250-backend");
    return ((Step.Learned) say(probe, last)).offer().warnings();
  }

  private static Step say(Probe probe, String line) {
    return probe.on(Unpooled.copiedBuffer(line, US_ASCII));
  }
}
