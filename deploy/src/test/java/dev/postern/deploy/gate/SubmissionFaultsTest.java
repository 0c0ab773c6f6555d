package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.gate.FaultyServer.Fault;
import dev.postern.deploy.gate.FaultyServer.Step;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever breaks over real sockets, and wherever: the client hears a temporary failure, never that
 * a message was taken, and the backend never hears the end of a message that was not sent whole.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("CCO-3.3")
class SubmissionFaultsTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String BEGINNING =
      "Subject: x\r\n\r\nhello\r\n" + FaultyServer.MIDDLE + "\r\n";
  private static final String REST = "goodbye\r\n";
  private static final String URL = "imap://alice@imap.example.org/Sent/;uid=1";
  private static final String IMPATIENT =
      "limits: { handshake-deadline: 3s, login-deadline: 3s, reply-deadline: 2s, verdict-deadline: 2s }\n";
  private static final String WITHOUT_LOGIN =
      """
      policy:
        rules:
          - name: devices
            reason: cannot log in
            until: 2099-12-31
            when: { services: [submissions], networks: [127.0.0.0/8], protection: tls }
            then: allow
            without-login: true
      """;

  /** Here the backend has heard the end of the message. */
  private static final Set<Step> WHOLE =
      Set.of(Step.VERDICT, Step.LAST_CHUNK_REPLY, Step.LAST_BURL);

  private FaultyServer backend;
  private Gate gate;

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    backend = new FaultyServer();
    gate = Gate.submission("postfix", backend.address(), folder, IMPATIENT, c -> c);
  }

  @AfterAll
  void close() throws Exception {
    gate.close();
    backend.close();
  }

  static List<Arguments> faults() {
    List<Arguments> all = new ArrayList<>();
    for (Step step : EnumSet.complementOf(EnumSet.of(Step.QUIT))) {
      for (Fault fault : Fault.values()) {
        all.add(Arguments.of(step, fault));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("faults")
  void theClientHearsATemporaryFailureWhenTheBackendBreaks(Step step, Fault fault)
      throws Exception {
    backend.breakAt(step, fault);
    List<String> heard = new ArrayList<>();
    try (SmtpClient client = SmtpClient.through(gate)) {
      talk(client, step, fault, heard);
    }
    assertThat(backend.broken()).as("it broke").isPositive();
    String last = heard.getLast();
    assertThat(last).as("last words of %s", heard).matches("4(21|51|54) 4\\.[0-9.]+ .*");
    assertThat(heard).noneMatch(reply -> reply.contains("taken"));
    boolean whole = WHOLE.contains(step);
    Awaitility.await("sessions are over")
        .atMost(SOON)
        .until(() -> gate.server().connections() == 0);
    assertThat(backend.messages()).as("messages it has heard the end of").hasSize(whole ? 1 : 0);
  }

  static List<Arguments> faultsWithoutALogin() {
    return faults().stream()
        .filter(
            of ->
                Set.of(
                        Step.GREETING,
                        Step.EHLO,
                        Step.XCLIENT,
                        Step.SECOND_EHLO,
                        Step.FIRST_CLIENT,
                        Step.MAIL,
                        Step.RCPT)
                    .contains(of.get()[0]))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("faultsWithoutALogin")
  void aClientWithoutALoginHearsATemporaryFailureToo(Step step, Fault fault, @TempDir Path folder)
      throws Exception {
    List<String> heard = new ArrayList<>();
    backend.mend();
    try (Gate devices =
        Gate.submission("postfix", backend.address(), folder, WITHOUT_LOGIN + IMPATIENT, c -> c)) {
      backend.breakAt(step, fault);
      try (SmtpClient client = SmtpClient.through(devices)) {
        if (!fails(heard, client.ask("EHLO scanner.example"))
            && !fails(heard, client.ask("MAIL FROM:<scanner@example.org>"))) {
          fails(heard, client.ask("RCPT TO:<one@example.com>"));
        }
      }
      assertThat(backend.broken()).as("it broke").isPositive();
      assertThat(heard.getLast()).as("last words of %s", heard).matches("4(21|51) 4\\.[0-9.]+ .*");
    }
    assertThat(backend.messages()).isEmpty();
  }

  /** A client that takes its leave has heard all it wants to. */
  @ParameterizedTest
  @EnumSource(Fault.class)
  void aBackendThatBreaksAtTheEndKeepsNobody(Fault fault) throws Exception {
    backend.breakAt(Step.QUIT, fault);
    try (SmtpClient client = SmtpClient.through(gate)) {
      client.loggedIn(Account.ALICE);
      assertThat(client.ask("QUIT")).isEqualTo("221 2.0.0 Bye");
      assertThat(client.reply()).as("the session is over").isEmpty();
    }
    Awaitility.await("it broke").atMost(SOON).until(() -> backend.broken() > 0);
    Awaitility.await("sessions are over")
        .atMost(SOON)
        .until(() -> gate.server().connections() == 0);
    backend.mend();
    assertBackendLeft();
  }

  /** Without a fault all of it goes well. */
  @ParameterizedTest
  @CsvSource({"VERDICT, goodbye", "LAST_CHUNK_REPLY, goodbye", "LAST_BURL, kept elsewhere"})
  void theBackendTakesWhatIsSentWhole(Step last, String end) throws Exception {
    backend.mend();
    List<String> heard = new ArrayList<>();
    try (SmtpClient client = SmtpClient.through(gate)) {
      talk(client, last, Fault.CLOSE, heard);
    }
    assertThat(heard.getLast()).isEqualTo("250 2.0.0 taken");
    String before = last == Step.LAST_BURL ? FaultyServer.NAMED : BEGINNING;
    assertThat(backend.messages())
        .singleElement()
        .asString()
        .startsWith("Received: ")
        .endsWith(before + end + "\r\n");
  }

  /** Says one thing after another until one of them fails; waits wherever it can. */
  private static void talk(SmtpClient client, Step step, Fault fault, List<String> heard)
      throws IOException {
    if (fails(heard, client.ask("EHLO laptop.example"))
        || fails(heard, client.login(Account.ALICE))
        || fails(heard, client.ask("MAIL FROM:<alice@example.org>"))
        || fails(heard, client.ask("RCPT TO:<one@example.com>"))) {
      return;
    }
    // who stalls in the middle hears the rest never; who breaks there must not get it
    boolean goesOn = fault == Fault.STALL || (step != Step.BODY && step != Step.CHUNK);
    switch (step) {
      case NOOP -> fails(heard, client.ask("NOOP"));
      case RSET -> fails(heard, client.ask("RSET"));
      case RSET_FOR_EHLO -> fails(heard, client.ask("EHLO laptop.example"));
      case CLIENT -> fails(heard, client.ask("CLIENT name=tests"));
      case CHUNK, CHUNK_REPLY, LAST_CHUNK_REPLY -> {
        client.say("BDAT " + (BEGINNING.length() + REST.length()) + "\r\n" + BEGINNING);
        if (!fails(heard, client.say(goesOn ? REST : "").reply())) {
          fails(heard, client.ask("BDAT 0 LAST"));
        }
      }
      case FIELD_REPLY, BURL, LAST_BURL -> {
        if (!fails(heard, client.ask("BURL " + URL))) {
          fails(heard, client.ask("BURL " + URL + " LAST"));
        }
      }
      default -> {
        if (!fails(heard, client.ask("DATA"))) {
          fails(heard, client.say(BEGINNING + (goesOn ? REST + ".\r\n" : "")).reply());
        }
      }
    }
  }

  private static boolean fails(List<String> heard, String reply) {
    heard.add(reply);
    return reply.isEmpty() || reply.charAt(0) >= '4';
  }

  @Test
  void theClientHearsATemporaryFailureWhenNobodyListens(@TempDir Path folder) throws Exception {
    FaultyServer gone = new FaultyServer();
    try (Gate before = Gate.submission("postfix", gone.address(), folder, "", c -> c)) {
      gone.close();
      try (SmtpClient client = SmtpClient.through(before)) {
        assertThat(client.ask("EHLO laptop.example")).startsWith("250");
        assertThat(client.login(Account.ALICE)).startsWith("454 4.7.0 ");
        assertThat(client.ask("MAIL FROM:<alice@example.org>")).startsWith("530 ");
        assertThat(client.ask("QUIT")).startsWith("221 ");
      }
    }
  }

  /** Whom no backend has taken has not got past the limits before a login. */
  @Test
  @Tag("CCO-4.1e")
  void aClientWithoutALoginWaitsNoLongerThanTheLoginMayTakeWhenNobodyListens(@TempDir Path folder)
      throws Exception {
    FaultyServer gone = new FaultyServer();
    try (Gate before =
        Gate.submission("postfix", gone.address(), folder, WITHOUT_LOGIN + IMPATIENT, c -> c)) {
      gone.close();
      try (SmtpClient client = SmtpClient.through(before)) {
        assertThat(client.ask("EHLO scanner.example")).startsWith("250");
        assertThat(client.ask("MAIL FROM:<scanner@example.org>")).startsWith("451 4.4.1 ");
        assertThat(client.reply()).startsWith("421 4.4.2 ");
      }
      assertThat(before.all(SessionEvent.LimitReached.class))
          .containsExactly(new SessionEvent.LimitReached(Limit.LOGIN_DEADLINE));
      assertThat(before.all(SessionEvent.LoginWaived.class)).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(LeavingPoint.class)
  void theBackendTakesNothingWhenTheClientCloses(LeavingPoint point) throws Exception {
    leaveAt(point, false);
  }

  @ParameterizedTest
  @EnumSource(LeavingPoint.class)
  void theBackendTakesNothingWhenTheClientResets(LeavingPoint point) throws Exception {
    leaveAt(point, true);
  }

  /** Says no more, and does not go either: the proxy does, in time. */
  @ParameterizedTest
  @EnumSource(LeavingPoint.class)
  void theBackendTakesNothingWhenTheClientStalls(LeavingPoint point) throws Exception {
    backend.mend();
    try (SmtpClient client = SmtpClient.through(gate)) {
      point.reach(client, Account.ALICE, "<stalled@test>");
      assertThat(client.reply()).startsWith("421 4.4.2 ");
      assertThat(client.reply()).as("the session is over").isEmpty();
      assertBackendLeft();
    }
    assertThat(backend.messages()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(LeavingPoint.class)
  void theBackendTakesNothingWhenTheClientGoesWithinALine(LeavingPoint point) throws Exception {
    backend.mend();
    try (SmtpClient client = SmtpClient.through(gate)) {
      point.reach(client, Account.ALICE, "<partial@test>");
      if (!point.isWithinLastOctets()) {
        client.say("RSET");
      }
    }
    assertBackendLeft();
    assertThat(backend.messages()).isEmpty();
  }

  /** NUL is in no command and no text; within a chunk it is an octet like any other. */
  @ParameterizedTest
  @EnumSource(LeavingPoint.class)
  void theBackendTakesNothingWhenTheClientTalksNonsense(LeavingPoint point) throws Exception {
    backend.mend();
    try (SmtpClient client = SmtpClient.through(gate)) {
      point.reach(client, Account.ALICE, "<nonsense@test>");
      if (!point.isWithinLastOctets()) {
        client.say("\0\377\n\r\0");
        if (!point.isWithinChunk()) {
          assertThat(client.reply()).matches("5(00 5\\.5\\.2|50 5\\.6\\.11) .*|421 4\\.7\\.0 .*");
          assertThat(client.reply()).as("the session is over").isEmpty();
        }
      }
    }
    assertBackendLeft();
    assertThat(backend.messages()).isEmpty();
  }

  /** What a client says while it is the backend's turn keeps nobody's clock from running. */
  @Test
  void aClientThatGoesOnTalkingDoesNotKeepAStalledBackendAlive() throws Exception {
    backend.breakAt(Step.MAIL, Fault.STALL);
    try (SmtpClient client = SmtpClient.through(gate)) {
      client.loggedIn(Account.ALICE);
      client.say("MAIL FROM:<alice@example.org>\r\n");
      client.wire().patience(Duration.ofMillis(50));
      String reply = "";
      for (int said = 0; reply.isEmpty(); said++) {
        assertThat(said).as("octets that bought time").isLessThan(600);
        try {
          reply = client.reply();
          assertThat(reply).startsWith("421 4.4.2 ");
        } catch (SocketTimeoutException notYet) {
          client.say("R");
        }
      }
    }
  }

  private void leaveAt(LeavingPoint point, boolean reset) throws Exception {
    backend.mend();
    try (SmtpClient client = SmtpClient.through(gate)) {
      point.reach(client, Account.ALICE, "<aborted@test>");
      if (reset) {
        client.wire().reset();
      }
    }
    assertBackendLeft();
    assertThat(backend.messages()).isEmpty();
  }

  private void assertBackendLeft() {
    Awaitility.await("the backend is left")
        .atMost(SOON)
        .until(() -> gate.server().connections() == 0 && backend.open() == 0);
  }
}
