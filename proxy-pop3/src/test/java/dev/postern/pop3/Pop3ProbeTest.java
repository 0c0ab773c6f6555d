package dev.postern.pop3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.Probe;
import dev.postern.core.protocol.Probe.Step;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

class Pop3ProbeTest {

  @Test
  void learnsWhatADovecotThatTrustsTheProxyOffers() {
    Probe probe = probe(BackendProfile.DOVECOT_2_3);
    assertThat(say(probe, "+OK [XCLIENT] Dovecot (Debian) ready."))
        .isEqualTo(new Step.Send("CAPA\r\n"));
    assertThat(say(probe, "+OK")).isEqualTo(new Step.More());
    assertThat(say(probe, "TOP")).isEqualTo(new Step.More());
    assertThat(say(probe, "SASL PLAIN")).isEqualTo(new Step.More());
    assertThat(say(probe, "."))
        .isEqualTo(
            new Step.Learned(
                new BackendOffer(List.of("TOP", "SASL PLAIN"), true, List.of()), "QUIT\r\n"));
  }

  @Test
  void saysWhichSettingIsMissingWhenTheProxyIsNotTrusted() {
    assertThat(warnings(BackendProfile.DOVECOT_2_4, "+OK Dovecot ready.", "+OK", "USER", "."))
        .singleElement()
        .asString()
        .contains("login_trusted_networks");
    assertThat(warnings(BackendProfile.PLAIN, "+OK ready.", "+OK", "USER", ".")).isEmpty();
  }

  @Test
  void saysWhenNobodyCanLogIn() {
    assertThat(warnings(BackendProfile.PLAIN, "+OK ready.", "+OK", "TOP", "SASL", "."))
        .singleElement()
        .asString()
        .contains("disable_plaintext_auth", "auth_allow_cleartext");
  }

  @Test
  void takesAServerWithoutCapaForOneOfUserAndPass() {
    Probe probe = probe(BackendProfile.PLAIN);
    say(probe, "+OK");
    assertThat(((Step.Learned) say(probe, "-ERR what?")).offer().capabilities())
        .containsExactly("USER");
  }

  @Test
  void failsOnWhatIsNoPop3() {
    assertThat(say(probe(BackendProfile.PLAIN), "* OK \u0007IMAP4rev1"))
        .isEqualTo(new Step.Failed("the greeting is not +OK: * OK ?IMAP4rev1"));
    assertThat(say(probe(BackendProfile.PLAIN), "-ERR busy")).isInstanceOf(Step.Failed.class);
    assertThat(say(probe(BackendProfile.PLAIN), "+OKAY")).isInstanceOf(Step.Failed.class);
  }

  @Test
  void failsOnAListWithoutEnd() {
    Probe probe = probe(BackendProfile.PLAIN);
    say(probe, "+OK");
    say(probe, "+OK");
    for (int i = 0; i < 100; i++) {
      assertThat(say(probe, "X" + i)).isEqualTo(new Step.More());
    }
    assertThat(say(probe, "X100")).isInstanceOf(Step.Failed.class);
    assertThat(say(probe, ".")).isEqualTo(new Step.More());
  }

  private static List<String> warnings(BackendProfile profile, String... lines) {
    Probe probe = probe(profile);
    Step last = new Step.More();
    for (String line : lines) {
      last = say(probe, line);
    }
    return ((Step.Learned) last).offer().warnings();
  }

  private static Probe probe(BackendProfile profile) {
    return new Pop3Protocol().probe(profile, LoggedIn.terms());
  }

  private static Step say(Probe probe, String line) {
    return probe.on(Unpooled.copiedBuffer(line, UTF_8));
  }
}
