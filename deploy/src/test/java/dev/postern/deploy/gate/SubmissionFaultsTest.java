package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.event.TlsFailure;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.gate.FaultyServer.Fault;
import dev.postern.deploy.gate.FaultyServer.Step;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
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
import org.junit.jupiter.params.provider.ValueSource;

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

  /** For whoever stalls. All that comes before must be done in time, too, on a busy machine. */
  private static final String IMPATIENT =
      "limits: { handshake-deadline: 10s, login-deadline: 10s, reply-deadline: 10s, verdict-deadline: 10s }\n";

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

  /** Where a client without a login can be let down. */
  private static final Set<Step> WITHOUT_A_LOGIN =
      EnumSet.of(
          Step.GREETING,
          Step.EHLO,
          Step.XCLIENT,
          Step.SECOND_EHLO,
          Step.FIRST_CLIENT,
          Step.MAIL,
          Step.RCPT);

  private FaultyServer backend;

  /** Waits for minutes: what ends a session there is no deadline. */
  private Gate gate;

  /** As patient, and lets anybody send. */
  private Gate anybody;

  @BeforeAll
  void open(@TempDir Path folder, @TempDir Path other) throws Exception {
    backend = new FaultyServer();
    gate = Gate.submission("postfix", backend.address(), folder, "", c -> c);
    anybody = Gate.submission("postfix", backend.address(), other, WITHOUT_LOGIN, c -> c);
  }

  @AfterAll
  void close() throws Exception {
    anybody.close();
    gate.close();
    backend.close();
  }

  static Set<Step> steps() {
    return EnumSet.complementOf(EnumSet.of(Step.QUIT));
  }

  static List<Arguments> faults() {
    return faultsAt(steps());
  }

  static List<Arguments> faultsWithoutALogin() {
    return faultsAt(WITHOUT_A_LOGIN);
  }

  /** All but stalling, for which somebody has to wait. */
  private static List<Arguments> faultsAt(Set<Step> steps) {
    List<Arguments> all = new ArrayList<>();
    for (Step step : steps) {
      for (Fault fault : EnumSet.complementOf(EnumSet.of(Fault.STALL))) {
        all.add(Arguments.of(step, fault));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("faults")
  void theClientHearsATemporaryFailureWhenTheBackendBreaks(Step step, Fault fault)
      throws Exception {
    try (SmtpClient client = SmtpClient.through(gate)) {
      assertFails(backend, client, step, fault);
    }
    assertTakenIfWhole(backend, gate, step);
  }

  @ParameterizedTest
  @MethodSource("steps")
  void theClientHearsATemporaryFailureByStartTlsToo(Step step) throws Exception {
    try (SmtpClient client = SmtpClient.throughStartTls(gate)) {
      assertFails(backend, client, step, Fault.CLOSE);
    }
    assertTakenIfWhole(backend, gate, step);
  }

  @Test
  void theClientHearsATemporaryFailureWhenTheBackendStalls(@TempDir Path folder) throws Exception {
    atOnce(
        steps(),
        step -> {
          try (FaultyServer stalling = new FaultyServer();
              Gate impatient = impatient(stalling, folder.resolve(step.name()), "")) {
            try (SmtpClient client = SmtpClient.through(impatient)) {
              assertFails(stalling, client, step, Fault.STALL);
            }
            assertTakenIfWhole(stalling, impatient, step);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("faultsWithoutALogin")
  void aClientWithoutALoginHearsATemporaryFailureToo(Step step, Fault fault) throws Exception {
    try (SmtpClient client = SmtpClient.through(anybody)) {
      assertFailsWithoutALogin(backend, client, step, fault);
    }
  }

  @Test
  void aClientWithoutALoginHearsATemporaryFailureWhenTheBackendStalls(@TempDir Path folder)
      throws Exception {
    atOnce(
        WITHOUT_A_LOGIN,
        step -> {
          try (FaultyServer stalling = new FaultyServer();
              Gate impatient = impatient(stalling, folder.resolve(step.name()), WITHOUT_LOGIN);
              SmtpClient client = SmtpClient.through(impatient)) {
            assertFailsWithoutALogin(stalling, client, step, Fault.STALL);
          }
        });
  }

  private static Gate impatient(FaultyServer before, Path folder, String more) throws Exception {
    Files.createDirectories(folder);
    return Gate.submission("postfix", before.address(), folder, more + IMPATIENT, c -> c);
  }

  /** What is done with a step. */
  private interface Trial {
    void of(Step step) throws Exception;
  }

  /** Waits for all of them as long as for one. */
  private static void atOnce(Set<Step> steps, Trial trial) {
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> trials = new ArrayList<>();
      for (Step step : steps) {
        trials.add(
            threads.submit(
                () -> {
                  trial.of(step);
                  return step;
                }));
      }
      Assertions.assertAll(trials.stream().map(running -> running::get));
    }
  }

  private static void assertFails(FaultyServer backend, SmtpClient client, Step step, Fault fault)
      throws IOException {
    backend.breakAt(step, fault);
    List<String> heard = new ArrayList<>();
    talk(client, step, fault, heard);
    assertThat(backend.broken()).as("it broke at %s after %s", step, heard).isPositive();
    assertThat(heard.getLast())
        .as("last words at %s of %s", step, heard)
        .matches("4(21|51|54) 4\\.[0-9.]+ .*");
    assertThat(heard).noneMatch(reply -> reply.contains("taken"));
  }

  private static void assertTakenIfWhole(FaultyServer backend, Gate gate, Step step) {
    Awaitility.await("sessions are over")
        .atMost(SOON)
        .until(() -> gate.server().connections() == 0);
    assertThat(backend.messages())
        .as("messages it has heard the end of by %s", step)
        .hasSize(WHOLE.contains(step) ? 1 : 0);
  }

  private static void assertFailsWithoutALogin(
      FaultyServer backend, SmtpClient client, Step step, Fault fault) throws IOException {
    backend.breakAt(step, fault);
    List<String> heard = new ArrayList<>();
    if (!fails(heard, client.ask("EHLO scanner.example"))
        && !fails(heard, client.ask("MAIL FROM:<scanner@example.org>"))) {
      fails(heard, client.ask("RCPT TO:<one@example.com>"));
    }
    assertThat(backend.broken()).as("it broke at %s after %s", step, heard).isPositive();
    assertThat(heard.getLast())
        .as("last words at %s of %s", step, heard)
        .matches("4(21|51) 4\\.[0-9.]+ .*");
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
    assertBackendLeft(gate);
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
    leave(SmtpClient.through(gate), point, false);
  }

  @ParameterizedTest
  @EnumSource(LeavingPoint.class)
  void theBackendTakesNothingWhenTheClientClosesByStartTls(LeavingPoint point) throws Exception {
    leave(SmtpClient.throughStartTls(gate), point, false);
  }

  @ParameterizedTest
  @EnumSource(LeavingPoint.class)
  void theBackendTakesNothingWhenTheClientResets(LeavingPoint point) throws Exception {
    leave(SmtpClient.through(gate), point, true);
  }

  /** They say no more, and do not go either: the proxy does, in time. */
  @Test
  void theBackendTakesNothingWhenClientsStall(@TempDir Path folder) throws Exception {
    backend.mend();
    Map<LeavingPoint, SmtpClient> clients = new EnumMap<>(LeavingPoint.class);
    try (Gate impatient = impatient(backend, folder, "")) {
      for (LeavingPoint point : LeavingPoint.values()) {
        SmtpClient client = SmtpClient.through(impatient);
        clients.put(point, client);
        point.reach(client, Account.ALICE, "<stalled@test>");
      }
      for (Map.Entry<LeavingPoint, SmtpClient> stalled : clients.entrySet()) {
        LeavingPoint point = stalled.getKey();
        SmtpClient client = stalled.getValue();
        assertThat(client.refusal()).as("last words at %s", point).startsWith("421 4.4.2 ");
        assertThat(client.reply()).as("the session is over at %s", point).isEmpty();
      }
      assertBackendLeft(impatient);
    } finally {
      for (SmtpClient client : clients.values()) {
        client.close();
      }
    }
    assertThat(backend.messages()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noBackendHearsOfAClientThatGoesInsteadOfAHandshake(boolean reset) throws Exception {
    int mark = gate.mark();
    try (SmtpClient client = SmtpClient.inClear(gate)) {
      begunStartTls(client);
      if (reset) {
        client.wire().reset();
      }
    }
    gate.awaitSince(
        mark, SessionEvent.TlsFailed.class, failed -> failed.reason() != TlsFailure.TIMEOUT);
    assertBackendLeft(gate);
    assertNobodyConnected(gate, mark);
  }

  @Test
  void noBackendHearsOfAClientThatStallsInsteadOfAHandshake(@TempDir Path folder) throws Exception {
    String limits = "limits: { handshake-deadline: 10s }";
    try (Gate impatient = Gate.submission("postfix", backend.address(), folder, limits, c -> c);
        SmtpClient client = SmtpClient.inClear(impatient)) {
      begunStartTls(client);
      assertThat(client.wire().rest()).as("words in clear").isEmpty();
      impatient.await(
          SessionEvent.TlsFailed.class, failed -> failed.reason() == TlsFailure.TIMEOUT);
      assertBackendLeft(impatient);
      assertNobodyConnected(impatient, 0);
    }
  }

  private static void begunStartTls(SmtpClient client) throws IOException {
    assertThat(client.ask("EHLO laptop.example")).contains("STARTTLS");
    assertThat(client.ask("STARTTLS")).startsWith("220 ");
  }

  private static void assertNobodyConnected(Gate gate, int mark) {
    assertThat(gate.events().stream().skip(mark).map(Gate.Heard::event))
        .noneMatch(event -> event instanceof SessionEvent.BackendConnected);
  }

  /** What the client has asked for behind it is not asked of the backend any more. */
  @ParameterizedTest
  @CsvSource({"FIELD_REPLY, false", "FIELD_REPLY, true", "BURL, false", "BURL, true"})
  void theBackendTakesNothingWhenTheClientGoesBeforeBurlIsAnswered(Step step, boolean reset)
      throws Exception {
    backend.breakAt(step, Fault.STALL);
    try (SmtpClient client = SmtpClient.through(gate).loggedIn(Account.ALICE)) {
      client.envelope("alice@example.org", "one@example.com");
      client.say("BURL " + URL + "\r\nBURL " + URL + " LAST\r\n");
      Awaitility.await("it has been asked").atMost(SOON).until(() -> backend.broken() > 0);
      if (reset) {
        client.wire().reset();
      }
    }
    Awaitility.await("the session is over")
        .atMost(SOON)
        .until(() -> gate.server().connections() == 0);
    backend.goOn();
    assertBackendLeft(gate);
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
    assertBackendLeft(gate);
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
          assertThat(client.refusal()).matches("5(00 5\\.5\\.2|50 5\\.6\\.11) .*|421 4\\.7\\.0 .*");
          assertThat(client.reply()).as("the session is over").isEmpty();
        }
      }
    }
    assertBackendLeft(gate);
    assertThat(backend.messages()).isEmpty();
  }

  /** What a client says while it is the backend's turn keeps nobody's clock from running. */
  @Test
  void aClientThatGoesOnTalkingDoesNotKeepAStalledBackendAlive(@TempDir Path folder)
      throws Exception {
    backend.breakAt(Step.MAIL, Fault.STALL);
    try (Gate impatient = impatient(backend, folder, "");
        SmtpClient client = SmtpClient.through(impatient)) {
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

  private void leave(SmtpClient leaving, LeavingPoint point, boolean reset) throws Exception {
    backend.mend();
    try (SmtpClient client = leaving) {
      point.reach(client, Account.ALICE, "<aborted@test>");
      if (reset) {
        client.wire().reset();
      }
    }
    assertBackendLeft(gate);
    assertThat(backend.messages()).isEmpty();
  }

  private void assertBackendLeft(Gate gate) {
    Awaitility.await("the backend is left")
        .atMost(SOON)
        .until(() -> gate.server().connections() == 0 && backend.open() == 0);
  }
}
