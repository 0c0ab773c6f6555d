package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.SessionEvent;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import dev.postern.deploy.gate.FaultyServer.Fault;
import dev.postern.deploy.gate.FaultyServer.Step;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A client that has sent all of a message and goes before it hears what has become of it: the one
 * that may be delivered and is not known to be (RFC 5321 §6.1). It is in the audit log, once.
 */
@WithMailBackends
@Tag("CCO-3.3")
class UnheardVerdictTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Account ACCOUNT = Account.ALICE;

  private final MailBackends backends;

  UnheardVerdictTest(MailBackends backends) {
    this.backends = backends;
  }

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void theMessageIsDeliveredOnceAndToldAsNotAccepted(
      boolean chunked, boolean reset, @TempDir Path folder) throws Exception {
    String id = "<unheard-" + UUID.randomUUID() + "@test>";
    String message = "Message-ID: " + id + "\r\n\r\nhello\r\n";
    try (ReplyHolder holder = new ReplyHolder(backends.submission());
        Gate gate =
            Gate.submission(backends.postfixProfile(), holder.address(), folder, "", c -> c)) {
      try (SmtpClient client = SmtpClient.through(gate).loggedIn(ACCOUNT)) {
        client.envelope(ACCOUNT.user(), ACCOUNT.user());
        if (chunked) {
          int half = message.length() / 2;
          assertThat(client.say("BDAT " + half + "\r\n" + message.substring(0, half)).reply())
              .startsWith("250");
          holder.hold();
          client.say("BDAT " + (message.length() - half) + " LAST\r\n" + message.substring(half));
        } else {
          assertThat(client.ask("DATA")).startsWith("354");
          holder.hold();
          client.say(message + ".\r\n");
        }
        Awaitility.await("Postfix has it")
            .atMost(SOON)
            .until(() -> holder.held().contains("250 2.0.0 "));
        if (reset) {
          client.wire().reset();
        }
      }
      assertThat(Inbox.settled(backends, ACCOUNT).stream().filter(m -> m.contains(id))).hasSize(1);
      assertToldOnce(
          gate, new SessionEvent.Submitted(ACCOUNT.user(), 1, message.length(), 0, false));
    }
  }

  /** With what lies elsewhere, which Postfix does not fetch. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aMessageByReferenceIsToldToo(boolean reset, @TempDir Path folder) throws Exception {
    try (FaultyServer backend = new FaultyServer();
        Gate gate = Gate.submission("postfix", backend.address(), folder, "", c -> c)) {
      backend.breakAt(Step.LAST_BURL, Fault.STALL);
      try (SmtpClient client = SmtpClient.through(gate).loggedIn(ACCOUNT)) {
        client.envelope(ACCOUNT.user(), ACCOUNT.user());
        client.say("BURL imap://imap.example.org/Sent/;uid=1 LAST\r\n");
        Awaitility.await("the backend has it").atMost(SOON).until(() -> backend.broken() > 0);
        if (reset) {
          client.wire().reset();
        }
      }
      assertThat(backend.messages()).hasSize(1);
      assertToldOnce(gate, new SessionEvent.Submitted(ACCOUNT.user(), 1, 0, 0, false));
    }
  }

  private static void assertToldOnce(Gate gate, SessionEvent.Submitted told) {
    Awaitility.await("the session is over")
        .atMost(SOON)
        .until(() -> gate.audit().contains("\"event\":\"session-ended\""));
    assertThat(gate.all(SessionEvent.Submitted.class)).containsExactly(told);
    assertThat(gate.audit().lines().filter(line -> line.contains("\"event\":\"submitted\"")))
        .singleElement()
        .asString()
        .contains("\"reply\":0,\"accepted\":false");
  }
}
