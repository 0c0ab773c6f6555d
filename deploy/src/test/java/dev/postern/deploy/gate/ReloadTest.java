package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.SessionEvent;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** New certificates while people wait for mail. */
@WithMailBackends
class ReloadTest {
  private static final int SESSIONS = 200;
  private static final int RELOADS = 5;

  private final MailBackends backends;

  ReloadTest(MailBackends backends) {
    this.backends = backends;
  }

  @Test
  @Tag("CCO-4.4")
  void nobodyWhoWaitsForMailNoticesThatTheCertificateIsRenewed(@TempDir Path folder)
      throws Exception {
    backends.empty(Account.CAROL);
    List<Wire> idle = new ArrayList<>();
    try (Gate gate = Gate.before(backends, folder)) {
      for (int i = 0; i < SESSIONS; i++) {
        Wire wire = Wire.tlsFrom("127.0.1." + (1 + i % 20), gate, "imaps");
        idle.add(wire);
        wire.line();
        assertThat(wire.ask("a LOGIN " + Account.CAROL.user() + " " + Account.CAROL.password()))
            .startsWith("a OK");
        wire.send("b SELECT INBOX\r\n").until("b OK");
        assertThat(wire.ask("c IDLE")).startsWith("+ ");
      }
      List<X509Certificate> seen = new ArrayList<>();
      for (int i = 0; i < RELOADS; i++) {
        gate.renewCertificate();
        // who trusts nothing but the new one gets through
        try (Wire fresh = Wire.tls(gate, "imaps")) {
          assertThat(fresh.line()).startsWith("* OK");
          seen.add(shown(fresh));
        }
      }
      assertThat(seen).doesNotHaveDuplicates().endsWith(gate.certificate().getCertificate());
      backends.deliver(
          Account.CAROL, List.of("Subject: renewed\r\n\r\nStill here?\r\n".getBytes(UTF_8)));
      // Dovecot tells this one at once, or when it next looks: it may be out of inotify instances.
      assertThat(idle.get(0).until("* 1 EXISTS")).isNotNull();
      for (Wire wire : idle.subList(1, SESSIONS)) {
        String idling = wire.send("DONE\r\n").until("c OK");
        assertThat(idling + wire.send("d NOOP\r\n").until("d OK")).contains("* 1 EXISTS");
      }
      idle.get(0).send("DONE\r\n").until("c OK");
      assertThat(gate.events())
          .filteredOn(heard -> heard.event() instanceof SessionEvent.Ended)
          .as("sessions that ended: those that came to look at the certificate")
          .hasSizeLessThanOrEqualTo(RELOADS);
      for (Wire wire : idle) {
        wire.send("e LOGOUT\r\n").until("e OK");
      }
    } finally {
      for (Wire wire : idle) {
        wire.close();
      }
      backends.empty(Account.CAROL);
    }
  }

  private static X509Certificate shown(Wire wire) throws Exception {
    return (X509Certificate) ((SSLSocket) wire.socket()).getSession().getPeerCertificates()[0];
  }
}
