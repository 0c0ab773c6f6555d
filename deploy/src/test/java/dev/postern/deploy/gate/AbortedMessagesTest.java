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
    STALL,
    WITHIN_A_LINE,
    NONSENSE
  }

  AbortedMessagesTest(MailBackends backends) {
    this.backends = backends;
  }

  @Test
  void areNotDelivered(@TempDir Path folder) throws Exception {
    backends.empty(ACCOUNT);
    List<String> whole = new ArrayList<>();
    try (Gate gate =
        Gate.submission(
            backends.postfixProfile(),
            backends.submission(),
            folder,
            "limits: { handshake-deadline: 5s, login-deadline: 5s, reply-deadline: 2s, verdict-deadline: 30s }\n",
            unchanged -> unchanged)) {
      for (LeavingPoint point : LeavingPoint.values()) {
        for (Leaving how : Leaving.values()) {
          try (SmtpClient client = SmtpClient.through(gate)) {
            point.reach(client, ACCOUNT, "<aborted-" + UUID.randomUUID() + "@test>");
            switch (how) {
              case CLOSE -> {}
              case RESET -> client.wire().reset();
              case STALL -> assertThat(client.reply()).startsWith("421 4.4.2 ");
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
          Awaitility.await("the client's end")
              .atMost(Duration.ofSeconds(30))
              .until(() -> gate.server().connections() == 0);
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
}
