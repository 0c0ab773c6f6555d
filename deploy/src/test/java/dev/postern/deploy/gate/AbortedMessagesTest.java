package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody gets half a message: a client that goes before the end has sent none. */
@WithMailBackends
@Tag("CCO-3.3")
class AbortedMessagesTest {
  private static final Account ACCOUNT = Account.ALICE;

  private final MailBackends backends;

  private enum Leaving {
    CLOSE,
    RESET,
    WITHIN_A_LINE,
    NONSENSE
  }

  AbortedMessagesTest(MailBackends backends) {
    this.backends = backends;
  }

  /** Each is followed by a message that is sent whole. */
  @Test
  void areNotDelivered(@TempDir Path folder, @TempDir Path other) throws Exception {
    backends.empty(ACCOUNT);
    stall(folder);
    List<String> whole = new ArrayList<>();
    try (Gate gate = gate(other, "")) {
      for (LeavingPoint point : LeavingPoint.values()) {
        for (Leaving how : Leaving.values()) {
          try (SmtpClient client = SmtpClient.through(gate)) {
            point.reach(client, ACCOUNT, aborted());
            switch (how) {
              case CLOSE -> {}
              case RESET -> client.wire().reset();
              case WITHIN_A_LINE -> {
                if (!point.isWithinLastOctets()) {
                  client.say("RSET");
                }
              }
              case NONSENSE -> {
                if (!point.isWithinLastOctets()) {
                  client.say("\0\377\n\r\0");
                }
              }
            }
          }
          awaitTheEnd(gate);
          String id = "<whole-" + UUID.randomUUID() + "@test>";
          try (SmtpClient client = SmtpClient.through(gate).loggedIn(ACCOUNT)) {
            client.envelope(ACCOUNT.user(), ACCOUNT.user());
            assertThat(client.ask("DATA")).startsWith("354");
            assertThat(client.ask("Message-ID: " + id + "\r\n\r\nx\r\n.")).startsWith("250");
          }
          whole.add(id);
        }
      }
    }
    List<String> arrived = Inbox.settled(backends, ACCOUNT);
    assertThat(arrived).hasSameSizeAs(whole).noneMatch(m -> m.contains("<aborted-"));
    assertThat(whole).allMatch(id -> arrived.stream().anyMatch(m -> m.contains(id)));
  }

  /** All at once: each is waited for as long as all. */
  private void stall(Path folder) throws Exception {
    List<SmtpClient> clients = new ArrayList<>();
    try (Gate impatient =
        gate(
            folder,
            "limits: { handshake-deadline: 10s, login-deadline: 10s, reply-deadline: 10s }\n")) {
      for (LeavingPoint point : LeavingPoint.values()) {
        SmtpClient client = SmtpClient.through(impatient);
        clients.add(client);
        point.reach(client, ACCOUNT, aborted());
      }
      for (SmtpClient client : clients) {
        assertThat(client.refusal()).startsWith("421 4.4.2 ");
      }
      awaitTheEnd(impatient);
    } finally {
      for (SmtpClient client : clients) {
        client.close();
      }
    }
  }

  private Gate gate(Path folder, String limits) throws Exception {
    return Gate.submission(
        backends.postfixProfile(), backends.submission(), folder, limits, unchanged -> unchanged);
  }

  private static String aborted() {
    return "<aborted-" + UUID.randomUUID() + "@test>";
  }

  private static void awaitTheEnd(Gate gate) {
    Awaitility.await("the clients' end")
        .atMost(Duration.ofSeconds(30))
        .until(() -> gate.server().connections() == 0);
  }
}
