package dev.postern.imap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.Probe;
import dev.postern.core.protocol.Probe.Step;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImapProbeTest {

  private static Step hear(Probe probe, String line) {
    ByteBuf octets = Unpooled.copiedBuffer(line, UTF_8);
    try {
      return probe.on(octets);
    } finally {
      octets.release();
    }
  }

  @Test
  void learnsFromTheGreeting() {
    Probe probe = new ImapProbe(BackendProfile.PLAIN);
    Step step = hear(probe, "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] ready");
    assertThat(step).isInstanceOf(Step.Learned.class);
    Step.Learned learned = (Step.Learned) step;
    assertThat(learned.offer().capabilities()).containsExactly("IMAP4rev1", "AUTH=PLAIN");
    assertThat(learned.offer().learned()).isTrue();
    assertThat(learned.offer().warnings()).isEmpty();
    assertThat(learned.goodbye()).isEqualTo("Q LOGOUT\r\n");
  }

  @Test
  void asksWhereTheGreetingDoesNotSay() {
    Probe probe = new ImapProbe(BackendProfile.PLAIN);
    assertThat(hear(probe, "* OK ready")).isEqualTo(new Step.Send("C CAPABILITY\r\n"));
    assertThat(hear(probe, "* CAPABILITY IMAP4rev1 LOGINDISABLED")).isEqualTo(new Step.More());
    assertThat(hear(probe, "C OK done"))
        .asInstanceOf(type(Step.Learned.class))
        .satisfies(
            learned -> {
              assertThat(learned.offer().capabilities()).contains("LOGINDISABLED");
              assertThat(learned.offer().warnings())
                  .singleElement()
                  .asString()
                  .contains("login_trusted_networks");
            });
  }

  @Test
  void findsOutWhetherDovecotTrustsTheProxy() {
    assertThat(warningsOfDovecot("I OK Trusted ID completed.")).isEmpty();
    assertThat(warningsOfDovecot("I OK ID completed."))
        .singleElement()
        .asString()
        .contains("does not trust");
  }

  private static List<String> warningsOfDovecot(String answer) {
    Probe probe = new ImapProbe(BackendProfile.DOVECOT_2_4);
    assertThat(hear(probe, "* OK [CAPABILITY IMAP4rev1 ID AUTH=PLAIN] Dovecot ready."))
        .isEqualTo(new Step.Send("I ID (\"x-session-id\" \"postern-probe\")\r\n"));
    assertThat(hear(probe, "* ID (\"name\" \"Dovecot\")")).isEqualTo(new Step.More());
    return ((Step.Learned) hear(probe, answer)).offer().warnings();
  }

  @Test
  void saysWhyABackendCannotBeUsed() {
    for (String greeting :
        List.of("* BYE full", "* PREAUTH ready", "+OK POP3", "220 smtp", "", "\u0015\u0003")) {
      assertThat(hear(new ImapProbe(BackendProfile.PLAIN), greeting))
          .isInstanceOf(Step.Failed.class);
    }
  }
}
