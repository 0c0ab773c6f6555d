package dev.postern.deploy.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@WithMailBackends
class ProcessBackendsTest {

  private static final Duration SOON = Duration.ofSeconds(10);

  /** Something no other test logs. */
  private final String session = UUID.randomUUID().toString();

  private final MailBackends backends;

  ProcessBackendsTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeEach
  void emptyMailboxes() {
    backends.accounts().forEach(backends::empty);
  }

  @Test
  void letsEverybodyLogInByImap() throws IOException {
    for (Account account : backends.accounts()) {
      try (LineConnection imap = new LineConnection(backends.imap())) {
        assertThat(imap.line()).startsWith("* OK [CAPABILITY IMAP4rev1 ").contains(" ID ");
        byte[] password = account.password().getBytes(StandardCharsets.UTF_8);
        imap.send("a LOGIN " + account.user() + " {" + password.length + "+}");
        imap.sendOctets(password);
        imap.send("");
        assertThat(imap.line()).startsWith("a OK [CAPABILITY ");
      }
    }
  }

  @Test
  void letsEverybodyLogInByPop3() throws IOException {
    for (Account account : backends.accounts()) {
      try (LineConnection pop3 = new LineConnection(backends.pop3())) {
        assertThat(pop3.line()).isEqualTo("+OK [XCLIENT] Dovecot (Debian) ready.");
        assertThat(pop3.pop3("USER " + account.user())).isEqualTo("+OK");
        assertThat(pop3.pop3("PASS " + account.password())).isEqualTo("+OK Logged in.");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"alice@example.test", "nobody@example.test"})
  void refusesAWrongPassword(String user) throws IOException {
    Account wrong = new Account(user, "wrong");
    try (LineConnection imap = new LineConnection(backends.imap());
        LineConnection pop3 = new LineConnection(backends.pop3());
        LineConnection smtp = new LineConnection(backends.submission())) {
      imap.line();
      pop3.line();
      smtp.reply();
      smtp.smtp("EHLO proxy.example.test");
      String plain = DirectMailbox.saslPlain(wrong);

      assertThat(imap.imap("a", "LOGIN " + user + " wrong"))
          .containsExactly("a NO [AUTHENTICATIONFAILED] Authentication failed.");
      assertThat(pop3.pop3("AUTH PLAIN " + plain)).isEqualTo("-ERR [AUTH] Authentication failed.");
      assertThat(smtp.smtp("AUTH PLAIN " + plain))
          .containsExactly("535 5.7.8 Error: authentication failed: (reason unavailable)");
    }
  }

  @Test
  @Tag("CCO-4.2b")
  void letsTheMasterUserLogInForEverybodyWithAMailbox() throws IOException {
    for (Account account : backends.accounts()) {
      String plain = saslPlain(account.user(), backends.masterUser());
      try (LineConnection imap = new LineConnection(backends.imap());
          LineConnection pop3 = new LineConnection(backends.pop3())) {
        imap.line();
        pop3.line();
        imap.imap(
            "i", "ID (\"x-session-id\" \"" + session + "\" \"x-originating-ip\" \"192.0.2.6\")");
        assertThat(imap.imap("a", "AUTHENTICATE PLAIN " + plain).getLast())
            .startsWith("a OK [CAPABILITY ");
        assertThat(pop3.pop3("AUTH PLAIN " + plain)).isEqualTo("+OK Logged in.");
      }
      assertThat(backends.awaitLog(SOON, "imap-login: Info: Login:", session, account.user()))
          .contains("user=<" + account.user() + ">", "rip=192.0.2.6");
    }
  }

  @Test
  @Tag("CCO-4.2b")
  void letsTheMasterUserLogInForNobodyElse() throws IOException {
    Account master = backends.masterUser();
    for (String plain :
        List.of(
            saslPlain("nobody@example.test", master),
            saslPlain("alice@example.test", new Account(master.user(), "wrong")),
            saslPlain("alice@example.test", Account.BOB),
            saslPlain("alice@example.test", Account.DISTANT_MASTER),
            saslPlain("", master))) {
      try (LineConnection imap = new LineConnection(backends.imap())) {
        imap.line();
        assertThat(imap.imap("a", "AUTHENTICATE PLAIN " + plain))
            .singleElement()
            .asString()
            .startsWith("a NO [AU");
      }
    }
  }

  @Test
  @Tag("CCO-4.2b")
  void takesWhomXclientNamesForLoggedIn() throws IOException {
    String messageId = "<" + session + "@example.test>";
    try (LineConnection smtp = new LineConnection(backends.submission())) {
      smtp.reply();
      smtp.smtp("EHLO proxy.example.test");
      assertThat(
              smtp.smtp(
                  "XCLIENT PROTO=ESMTP HELO=laptop.example LOGIN=alice@example.test ADDR=192.0.2.9"))
          .containsExactly("220 mx.example.test ESMTP Postfix");
      smtp.smtp("EHLO laptop.example");
      smtp.smtp("MAIL FROM:<alice@example.test>");
      assertThat(smtp.smtp("RCPT TO:<carol@example.test>")).containsExactly("250 2.1.5 Ok");
      smtp.smtp("DATA");
      assertThat(smtp.smtp("Message-ID: " + messageId + "\r\n\r\nhello\r\n.").getFirst())
          .startsWith("250 2.0.0 Ok: queued as ");
    }
    assertThat(backends.awaitMessage(SOON, Account.CAROL, messageId))
        .asString(StandardCharsets.UTF_8)
        .contains("(unknown [192.0.2.9])", "with ESMTPA id");
    assertThat(backends.awaitLog(SOON, "unknown[192.0.2.9]", "sasl_method=XCLIENT"))
        .contains("sasl_username=alice@example.test");
  }

  /** What Postfix makes of such names is why the proxy never sends them. */
  @Test
  @Tag("CCO-4.2b")
  void takesNobodyForLoggedInWhenXclientSaysUnavailable() throws IOException {
    try (LineConnection smtp = new LineConnection(backends.submission())) {
      smtp.reply();
      smtp.smtp("EHLO proxy.example.test");
      smtp.smtp("XCLIENT LOGIN=[UNAVAILABLE] ADDR=192.0.2.9");
      smtp.smtp("EHLO laptop.example");
      smtp.smtp("MAIL FROM:<alice@example.test>");
      assertThat(smtp.smtp("RCPT TO:<carol@example.test>").getFirst()).startsWith("554 5.7.1 ");
    }
  }

  private static String saslPlain(String authorization, Account account) {
    return Base64.getEncoder()
        .encodeToString(
            (authorization + "\0" + account.user() + "\0" + account.password())
                .getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void believesTheAddressInImapId() throws IOException {
    try (LineConnection imap = new LineConnection(backends.imap())) {
      imap.line();
      assertThat(
              imap.imap(
                  "i",
                  "ID (\"x-session-id\" \""
                      + session
                      + "\" \"x-originating-ip\" \"192.0.2.4\" \"x-originating-port\" \"5\""
                      + " \"x-connected-ip\" \"198.51.100.1\" \"x-connected-port\" \"993\""
                      + " \"x-proxy-ttl\" \"6\")"))
          .containsExactly("* ID (\"name\" \"Dovecot\")", "i OK ID completed.");
      imap.imap("a", "AUTHENTICATE PLAIN " + DirectMailbox.saslPlain(Account.ALICE));
    }
    assertThat(backends.awaitLog(SOON, "imap-login: Info: Login:", "session=<" + session + ">"))
        .contains("user=<alice@example.test>")
        .contains("rip=192.0.2.4, rport=5, lip=198.51.100.1, lport=993, secured");
    assertThat(backends.awaitLog(SOON, "ID sent:", session)).contains("x-originating-ip=192.0.2.4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"192.0.2.5", "2001:db8::5"})
  void believesTheAddressInPop3Xclient(String address) throws IOException {
    try (LineConnection pop3 = new LineConnection(backends.pop3())) {
      pop3.line();
      assertThat(pop3.pop3("XCLIENT ADDR=" + address + " PORT=7 TTL=6 SESSION=" + session))
          .isEqualTo("+OK Updated");
      pop3.pop3("AUTH PLAIN " + DirectMailbox.saslPlain(Account.BOB));
    }
    assertThat(backends.awaitLog(SOON, "pop3-login: Info: Login:", session))
        .contains("user=<bob@example.test>")
        .contains("rip=" + address + ", rport=7, ");
  }

  @Test
  void believesTheAddressInSmtpXclient() throws IOException {
    String helo = session + ".example";
    try (LineConnection smtp = new LineConnection(backends.submission())) {
      assertThat(smtp.reply()).containsExactly("220 mx.example.test ESMTP Postfix");
      assertThat(smtp.smtp("EHLO proxy.example.test"))
          .containsExactly(
              "250-mx.example.test",
              "250-PIPELINING",
              "250-SIZE 125829120",
              "250-VRFY",
              "250-ETRN",
              "250-AUTH PLAIN LOGIN",
              "250-XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN DESTADDR DESTPORT",
              "250-ENHANCEDSTATUSCODES",
              "250-8BITMIME",
              "250-DSN",
              "250-SMTPUTF8",
              "250 CHUNKING");
      assertThat(smtp.smtp("XCLIENT PORT=4711 PROTO=ESMTP HELO=" + helo + " ADDR=IPV6:2001:db8::8"))
          .containsExactly("220 mx.example.test ESMTP Postfix");
      assertThat(smtp.smtp("EHLO " + helo)).noneMatch(line -> line.contains("XCLIENT"));
      assertThat(smtp.smtp("MAIL FROM:<alice@example.test>")).containsExactly("250 2.1.0 Ok");
      assertThat(smtp.smtp("RCPT TO:<bob@example.test>"))
          .containsExactly(
              "554 5.7.1 <bob@example.test>: Recipient address rejected: Access denied");
    }
    assertThat(backends.awaitLog(SOON, "reject: RCPT", helo))
        .contains("from unknown[2001:db8::8]:4711:");
  }

  @Test
  void keepsWhatIsSubmittedBehindTwoFields() throws IOException {
    String messageId = "<" + session + "@example.test>";
    String message =
        crlf(
            """
            Return-Path: <of@the.author>
            Bcc: hidden@example.test
            Content-Length: 3
            Message-ID: %s
            Subject: gr\u00fc\u00dfe
            X-Long: %s

            .dot
            .
            tab\tand space\s
            %s

            """
                .formatted(messageId, "x".repeat(1500), "y".repeat(5000)));
    try (LineConnection smtp = new LineConnection(backends.submission())) {
      smtp.reply();
      smtp.smtp("EHLO proxy.example.test");
      smtp.smtp("XCLIENT ADDR=192.0.2.8 HELO=laptop.example");
      smtp.smtp("EHLO laptop.example");
      assertThat(smtp.smtp("AUTH PLAIN " + DirectMailbox.saslPlain(Account.BOB)))
          .containsExactly("235 2.7.0 Authentication successful");
      smtp.smtp("MAIL FROM:<bob@example.test> BODY=8BITMIME SMTPUTF8");
      assertThat(smtp.smtp("RCPT TO:<alice@example.test>")).containsExactly("250 2.1.5 Ok");
      assertThat(smtp.smtp("DATA")).containsExactly("354 End data with <CR><LF>.<CR><LF>");
      assertThat(smtp.smtp(message.replace("\r\n.", "\r\n..") + ".").getFirst())
          .startsWith("250 2.0.0 Ok: queued as ");
    }

    String read =
        new String(backends.awaitMessage(SOON, Account.ALICE, messageId), StandardCharsets.UTF_8);

    assertThat(read).endsWith(message);
    String added = read.substring(0, read.length() - message.length());
    assertThat(added.replaceAll(" id [0-9A-F]+", " id ID").replaceAll("; .*(?=\r\n)", "; DATE"))
        .isEqualTo(
            crlf(
                """
                Return-Path: <bob@example.test>
                Received: from laptop.example (unknown [192.0.2.8])
                \tby mx.example.test (Postfix) with UTF8SMTPA id ID
                \tfor <alice@example.test>; DATE
                """));
  }

  @Test
  void keepsWhatIsDeliveredBehindReturnPath() {
    String messageId = "<" + session + "@example.test>";
    String message = "Message-ID: " + messageId + "\r\n\r\n.\r\nline\r\n";
    backends.deliver(
        Account.CAROL,
        List.of(
            message.getBytes(StandardCharsets.UTF_8),
            "Subject: two\r\n\r\n\r\n".getBytes(StandardCharsets.UTF_8)));
    assertThat(backends.awaitMessage(SOON, Account.CAROL, messageId))
        .asString(StandardCharsets.UTF_8)
        .isEqualTo("Return-Path: <>\r\n" + message);
  }

  @Test
  void showsTheLogsWhenALineDoesNotCome() {
    assertThatThrownBy(() -> backends.awaitLog(Duration.ofMillis(20), "never logged"))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("dovecot.log")
        .hasMessageContaining("postfix.log");
  }

  private static String crlf(String lines) {
    return lines.replace("\n", "\r\n");
  }
}
