package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.wire.WireViolation;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code swaks}, with which operators try their submission servers, makes of this one. */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SwaksTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String EVERYBODY =
      String.join(",", Account.ALL.stream().map(Account::user).toList());

  private final MailBackends backends;
  private Path folder;
  private Gate gate;

  SwaksTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path folder) throws Exception {
    Command.need("swaks", "swaks", "--version");
    Command.need("libnet-ssleay-perl", "perl", "-MNet::SSLeay", "-e", "1");
    this.folder = folder;
    gate = Gate.before(backends, folder, "limits: { failed-login-delay: 0s }");
  }

  @AfterAll
  void close() throws Exception {
    if (gate != null) {
      gate.close();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "submission, -tls, PLAIN, ''",
    "submission, -tls, LOGIN, ''",
    "submissions, --tls-on-connect, PLAIN, ''",
    "submissions, --tls-on-connect, LOGIN, ''",
    "submission, -tls, PLAIN, --pipeline",
    "submissions, --tls-on-connect, LOGIN, --pipeline"
  })
  @Tag("CCO-3.3")
  @Tag("CCO-4.3")
  void sendsToManyRecipientsAndWithDots(
      String service, String tls, String mechanism, String pipelining) throws Exception {
    String id = "<" + UUID.randomUUID() + "@swaks>";
    String message =
        "From: alice@example.test\r\nMessage-ID: "
            + id
            + "\r\n\r\n.\r\n..\r\n.a line\r\n\r\n...\r\n";
    Path file = Files.writeString(folder.resolve("message"), message, ISO_8859_1);
    List<String> words = loggingIn(service, tls, mechanism, Account.ALICE.password());
    words.addAll(List.of("--to", EVERYBODY, "--data", "@" + file));
    if (!pipelining.isEmpty()) {
      words.add(pipelining);
    }
    succeeded(swaks(words));
    for (Account account : Account.ALL) {
      String arrived = new String(backends.awaitMessage(SOON, account, id), ISO_8859_1);
      // the client ends a message that ends in a line with an empty one
      Arrived.assertBitExactButForTheTrace(arrived, message + "\r\n");
      assertThat(Arrived.field(arrived)).contains(" with ESMTPSA ").doesNotContain(" for ");
    }
  }

  @Test
  @Tag("CCO-3.3")
  void sendsWithTheNullSender() throws Exception {
    String id = "<" + UUID.randomUUID() + "@swaks>";
    List<String> words =
        loggingIn("submissions", "--tls-on-connect", "PLAIN", Account.ALICE.password());
    words.addAll(
        List.of("--from", "<>", "--to", Account.BOB.user(), "--header", "Message-Id: " + id));
    succeeded(swaks(words));
    assertThat(new String(backends.awaitMessage(SOON, Account.BOB, id), ISO_8859_1))
        .startsWith("Return-Path: <>\r\n");
    gate.await(SessionEvent.Submitted.class, s -> s.accepted() && s.sender().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"PLAIN", "LOGIN"})
  @Tag("CCO-4.1b")
  void aWrongPasswordIsRefused(String mechanism) throws Exception {
    List<String> words = loggingIn("submission", "-tls", mechanism, "wrong");
    words.addAll(List.of("--to", Account.BOB.user()));
    Command done = swaks(words);
    assertThat(done.exit()).as(done.out()).isEqualTo(28);
    assertThat(done.out()).contains("535 5.7.8 ");
  }

  @Test
  @Tag("CCO-4.1a")
  @Tag("CCO-4.1b")
  void withoutTlsNothingIsPossible() throws Exception {
    List<String> login = new ArrayList<>(List.of("--to", Account.BOB.user()));
    login.addAll(server("submission"));
    Command mail = swaks(login);
    assertThat(mail.exit()).as(mail.out()).isEqualTo(23);
    assertThat(mail.out()).contains("530 5.7.0 Must issue a STARTTLS command first");

    login.addAll(
        List.of("--auth", "PLAIN", "-au", Account.ALICE.user(), "-ap", Account.ALICE.password()));
    Command done = swaks(login);
    assertThat(done.exit()).as(done.out()).isEqualTo(28);
    assertThat(done.err()).contains("Host did not advertise authentication");
  }

  @Test
  void whatIsNotOfferedIsNotDone() throws Exception {
    List<String> words = loggingIn("submission", "-tls", "PLAIN", Account.ALICE.password());
    words.addAll(List.of("--to", EVERYBODY, "--xclient-addr", "203.0.113.7"));
    Command xclient = swaks(words);
    assertThat(xclient.exit()).as(xclient.out()).isEqualTo(33);
    assertThat(xclient.err()).contains("Host did not advertise XCLIENT");

    List<String> prdr = loggingIn("submission", "-tls", "PLAIN", Account.ALICE.password());
    prdr.addAll(List.of("--to", EVERYBODY, "--prdr"));
    Command done = swaks(prdr);
    assertThat(done.exit()).as(done.out()).isEqualTo(30);
    assertThat(done.err()).contains("Host did not advertise PRDR");
  }

  @Test
  void aProxyHeaderIsNotBelieved() throws Exception {
    List<String> words = loggingIn("submission", "-tls", "PLAIN", Account.ALICE.password());
    words.addAll(
        List.of("--to", Account.BOB.user(), "--proxy", "TCP4 203.0.113.7 192.0.2.1 4711 587"));
    Command done = swaks(words);
    assertThat(done.exit()).as(done.out()).isNotZero();
    gate.await(SessionEvent.Violated.class, v -> v.violation() == WireViolation.FOREIGN_PROTOCOL);
  }

  @ParameterizedTest
  @ValueSource(strings = {"CONNECT", "FIRST-HELO", "TLS", "AUTH", "MAIL", "RCPT"})
  void mayLeaveAnywhere(String stage) throws Exception {
    List<String> words = loggingIn("submission", "-tls", "PLAIN", Account.ALICE.password());
    words.addAll(List.of("--to", Account.BOB.user(), "--quit-after", stage));
    long before = farewells();
    succeeded(swaks(words));
    Awaitility.await("its goodbye").atMost(SOON).until(() -> farewells() > before);
  }

  private long farewells() {
    return gate.all(SessionEvent.Ended.class).filter(e -> e.reason() == EndReason.LOGOUT).count();
  }

  private List<String> server(String service) {
    return List.of(
        "--server",
        "127.0.0.1:" + gate.port(service),
        "--ehlo",
        "laptop.example",
        "--timeout",
        "30");
  }

  private List<String> loggingIn(String service, String tls, String mechanism, String password) {
    List<String> words = new ArrayList<>(server(service));
    words.addAll(List.of(tls, "--tls-verify", "--tls-ca-path", gate.certificateFile().toString()));
    words.addAll(List.of("--auth", mechanism, "-au", Account.ALICE.user(), "-ap", password));
    words.addAll(List.of("--from", Account.ALICE.user()));
    return words;
  }

  private static Command swaks(List<String> arguments) throws Exception {
    List<String> words = new ArrayList<>(List.of("swaks"));
    words.addAll(arguments);
    return Command.run("", words.toArray(String[]::new));
  }

  private static void succeeded(Command done) {
    assertThat(done.exit()).as(done.out() + done.err()).isZero();
  }
}
