package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.wire.WireViolation;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.io.IOException;
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
    login.addAll(server(gate, "submission"));
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

  /** By each protocol that can log in; those that end in {@code A} do. */
  @ParameterizedTest
  @CsvSource({"submission, ESMTPSA", "submissions, SSMTPA"})
  @Tag("CCO-3.3")
  void sendsByProtocol(String service, String protocol) throws Exception {
    String id = "<" + UUID.randomUUID() + "@swaks>";
    List<String> words = new ArrayList<>(server(gate, service));
    words.addAll(List.of("--protocol", protocol));
    words.addAll(List.of("-au", Account.ALICE.user(), "-ap", Account.ALICE.password()));
    words.addAll(List.of("--from", Account.ALICE.user(), "--to", Account.BOB.user()));
    words.addAll(List.of("--header", "Message-Id: " + id));
    succeeded(swaks(words));
    assertThat(Arrived.field(new String(backends.awaitMessage(SOON, Account.BOB, id), ISO_8859_1)))
        .contains(" with ESMTPSA ");
  }

  /** Without EHLO, without a login, without TLS, or for local delivery. */
  @ParameterizedTest
  @CsvSource({
    "submission, SMTP, 23, 530 5.7.0 Must issue a STARTTLS command first",
    "submission, ESMTP, 23, 530 5.7.0 Must issue a STARTTLS command first",
    "submission, ESMTPA, 28, *** Host did not advertise authentication",
    "submission, ESMTPS, 23, 530 5.7.0 Authentication required",
    "submissions, SMTPS, 23, 530 5.7.0 Authentication required",
    "submissions, SSMTP, 23, 530 5.7.0 Authentication required",
    "submission, LMTP, 22, 500 5.5.2 Command not recognized",
    "submission, LMTPA, 22, 500 5.5.2 Command not recognized",
    "submission, LMTPS, 22, 500 5.5.2 Command not recognized",
    "submission, LMTPSA, 22, 500 5.5.2 Command not recognized"
  })
  @Tag("CCO-4.1a")
  @Tag("CCO-4.1b")
  void noOtherProtocolSends(String service, String protocol, int exit, String why)
      throws Exception {
    int mark = gate.mark();
    List<String> words = new ArrayList<>(server(gate, service));
    words.addAll(List.of("--protocol", protocol));
    if (protocol.endsWith("A")) {
      words.addAll(List.of("-au", Account.ALICE.user(), "-ap", Account.ALICE.password()));
    }
    words.addAll(List.of("--from", Account.ALICE.user(), "--to", Account.BOB.user()));
    Command done = swaks(words);
    assertThat(done.exit()).as(done.out() + done.err()).isEqualTo(exit);
    assertThat(done.out() + done.err()).contains(why);
    gate.awaitSince(mark, SessionEvent.Ended.class, e -> e.reason() == EndReason.LOGOUT);
    assertThat(gate.events().stream().skip(mark).map(Gate.Heard::event))
        .noneMatch(e -> e instanceof SessionEvent.BackendConnected);
  }

  @ParameterizedTest
  @CsvSource({
    "--drop-after, CONNECT",
    "--drop-after, FIRST-HELO",
    "--drop-after, TLS",
    "--drop-after, HELO",
    "--drop-after, AUTH",
    "--drop-after, MAIL",
    "--drop-after, RCPT",
    "--drop-after, DATA",
    "--drop-after-send, FIRST-HELO",
    "--drop-after-send, TLS",
    "--drop-after-send, HELO",
    "--drop-after-send, AUTH",
    "--drop-after-send, MAIL",
    "--drop-after-send, RCPT",
    "--drop-after-send, DATA"
  })
  @Tag("CCO-3.3")
  void mayDropTheConnectionAnywhereAndHasSentNothing(String drop, String stage) throws Exception {
    long before = delivered();
    int mark = gate.mark();
    drop(drop, stage);
    assertThat(gate.awaitSince(mark, SessionEvent.Ended.class, e -> true).reason())
        .isIn(
            EndReason.CLIENT_CLOSED,
            EndReason.CLIENT_TRUNCATED,
            EndReason.CLIENT_RESET,
            EndReason.TLS_FAILED);
    assertThat(delivered()).isEqualTo(before);
  }

  /** It has sent all and hears the verdict, or does not: Postfix has the message, or gave it up. */
  @ParameterizedTest
  @CsvSource({"--drop-after, 1", "--drop-after-send, 0"})
  @Tag("CCO-3.3")
  void mayDropTheConnectionBehindTheFinalDot(String drop, int least) throws Exception {
    long before = delivered();
    int mark = gate.mark();
    drop(drop, "DOT");
    gate.awaitSince(mark, SessionEvent.Ended.class, e -> true);
    assertThat(delivered() - before).isBetween((long) least, 1L);
  }

  private void drop(String option, String stage) throws Exception {
    List<String> words = loggingIn("submission", "-tls", "PLAIN", Account.ALICE.password());
    words.addAll(List.of("--to", Account.BOB.user(), option, stage));
    Command done = swaks(words);
    succeeded(done);
    assertThat(done.out()).contains("Dropping connection").doesNotContain("QUIT");
  }

  /** How much lies in the inbox, but for what was put there to see when all has arrived. */
  private long delivered() throws IOException {
    return Inbox.settled(backends, Account.BOB).stream()
        .filter(message -> !message.contains("@marker.test>"))
        .count();
  }

  /** The certificate proves who it is to the handshake; it logs in by its password all the same. */
  @ParameterizedTest
  @CsvSource({"submission, -tls", "submissions, --tls-on-connect"})
  @Tag("CCO-4.2b")
  void presentsACertificate(String service, String tls, @TempDir Path other) throws Exception {
    Pki.found(other, "clients").client("alice", b -> b.subject("CN=Alice"));
    Pki.found(other, "strangers").client("stranger", b -> b.subject("CN=Alice"));
    try (Gate asking =
        Gate.configured(
            backends,
            other,
            """
            listeners:
              - { service: submissions, address: "127.0.0.1:0" }
              - { service: submission, address: "127.0.0.1:0" }
            tls: { client-certificates: { authorities: clients-ca.pem, identity: [common-name], required: true } }
            certificates:
              - { name: main, chain: chain.pem, key: key.pem }
            """)) {
      String id = "<" + UUID.randomUUID() + "@swaks>";
      List<String> words = loggingIn(asking, service, tls, "PLAIN", Account.ALICE.password());
      words.addAll(List.of("--to", Account.BOB.user(), "--header", "Message-Id: " + id));
      assertThat(swaks(words).exit()).as("without a certificate").isNotZero();
      assertThat(swaks(with(words, other, "stranger")).exit()).as("with a strange one").isNotZero();
      assertThat(asking.all(SessionEvent.TlsEstablished.class)).isEmpty();
      succeeded(swaks(with(words, other, "alice")));
      backends.awaitMessage(SOON, Account.BOB, id);
      assertThat(asking.all(SessionEvent.TlsEstablished.class))
          .singleElement()
          .matches(e -> e.tls().clientCertificate().isPresent());
    }
  }

  private static List<String> with(List<String> words, Path folder, String certificate) {
    List<String> more = new ArrayList<>(words);
    more.addAll(List.of("--tls-cert", folder.resolve(certificate + ".pem").toString()));
    more.addAll(List.of("--tls-key", folder.resolve(certificate + ".key").toString()));
    return more;
  }

  private long farewells() {
    return gate.all(SessionEvent.Ended.class).filter(e -> e.reason() == EndReason.LOGOUT).count();
  }

  private static List<String> server(Gate gate, String service) {
    return List.of(
        "--server",
        "127.0.0.1:" + gate.port(service),
        "--ehlo",
        "laptop.example",
        "--timeout",
        "30");
  }

  private List<String> loggingIn(String service, String tls, String mechanism, String password) {
    return loggingIn(gate, service, tls, mechanism, password);
  }

  private static List<String> loggingIn(
      Gate gate, String service, String tls, String mechanism, String password) {
    List<String> words = new ArrayList<>(server(gate, service));
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
