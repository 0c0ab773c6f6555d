package dev.postern.pop3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.Limit;
import dev.postern.core.protocol.Signal;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Pop3RelayTest {
  private static final String SENT =
      lines(
          "STAT",
          "CAPA",
          "LIST",
          "list 1",
          "XCLIENT ADDR=203.0.113.1",
          "retr 1",
          "TOP 1 0",
          "UIDL ",
          "UIDL 2",
          "LANG",
          "AUTH PLAIN AGFsaWNlAHNlY3JldA==",
          "RETR 9",
          "XTND",
          "",
          "CAPA",
          "NOOP",
          "QUIT");

  private static final String PASSED =
      lines(
          "STAT", "CAPA", "LIST", "list 1", "NOOP", "retr 1", "TOP 1 0", "UIDL ", "UIDL 2", "LANG",
          "NOOP", "RETR 9", "XTND", "NOOP", "CAPA", "NOOP", "QUIT");

  /** Everything in a message that looks like its end and is not. */
  private static final String MESSAGE =
      "Subject: dots\r\n\r\n..\r\n...\r\n..CAPA\r\nbare\n.\r\nbare\r.\r\n.\r.\r\nx.\r\n+OK\r\n-ERR\r\n\r\r\n\n\r\n";

  private static final String ANSWERED =
      "+OK 2 320\r\n"
          + "+OK\r\nTOP\r\nUSER\r\nSASL PLAIN\r\nSTLS\r\nUIDL\r\n.\r\n"
          + "+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n"
          + "+OK 1 120\r\n"
          + "+OK\r\n"
          + ("+OK 120 octets\r\n" + MESSAGE + ".\r\n")
          + "+OK\r\n.\r\n"
          + "+OK\r\n1 a\r\n2 b\r\n.\r\n"
          + "+OK 2 b\r\n"
          + "+OK\r\nen English\r\n.\r\n"
          + "+OK\r\n"
          + "-ERR no such message\r\n"
          + "-ERR unknown\r\n"
          + "+OK\r\n"
          + "-ERR not known\r\n"
          + "+OK\r\n"
          + "+OK bye\r\n";

  private static final String OWN_CAPA = "RESP-CODES\r\nAUTH-RESP-CODE\r\nDEEP tls12\r\n.\r\n";

  private static final String HEARD =
      "+OK 2 320\r\n"
          + ("+OK Capability list follows\r\nTOP\r\nUIDL\r\n" + OWN_CAPA)
          + "+OK 2 messages\r\n1 120\r\n2 200\r\n.\r\n"
          + "+OK 1 120\r\n"
          + "-ERR Not after login.\r\n"
          + ("+OK 120 octets\r\n" + MESSAGE + ".\r\n")
          + "+OK\r\n.\r\n"
          + "+OK\r\n1 a\r\n2 b\r\n.\r\n"
          + "+OK 2 b\r\n"
          + "+OK\r\nen English\r\n.\r\n"
          + "-ERR Not after login.\r\n"
          + "-ERR no such message\r\n"
          + "-ERR unknown\r\n"
          + "-ERR Not after login.\r\n"
          + ("+OK Capability list follows\r\n" + OWN_CAPA)
          + "+OK\r\n"
          + "+OK bye\r\n";

  @Test
  @Tag("DEEP-7.2")
  void keepsTheOrderOfPipelinedAnswers() {
    try (LoggedIn session = new LoggedIn().client(SENT).backend(ANSWERED)) {
      assertThat(session.toBackend).hasToString(PASSED);
      assertThat(session.toClient).hasToString(HEARD);
      assertThat(session.atCommandBoundary()).isTrue();
    }
  }

  @Test
  void followsTheClientAtEverySplit() {
    for (int i = 1; i < SENT.length(); i++) {
      try (LoggedIn session =
          new LoggedIn().client(SENT.substring(0, i)).client(SENT.substring(i)).backend(ANSWERED)) {
        assertThat(session.toBackend).as("split at %d", i).hasToString(PASSED);
        assertThat(session.toClient).as("split at %d", i).hasToString(HEARD);
      }
    }
  }

  @Test
  void followsTheBackendAtEverySplit() {
    for (int i = 1; i < ANSWERED.length(); i++) {
      try (LoggedIn session =
          new LoggedIn()
              .client(SENT)
              .backend(ANSWERED.substring(0, i))
              .backend(ANSWERED.substring(i))) {
        assertThat(session.toClient).as("split at %d", i).hasToString(HEARD);
        assertThat(session.atCommandBoundary()).isTrue();
      }
    }
  }

  @Test
  void followsBothOctetByOctet() {
    try (LoggedIn session = new LoggedIn()) {
      SENT.chars().forEach(c -> session.client(Character.toString(c)));
      assertThat(session.toBackend).hasToString(PASSED);
      for (int i = 0; i < ANSWERED.length(); i++) {
        assertThat(session.atCommandBoundary()).as("before octet %d", i).isFalse();
        session.backend(ANSWERED.substring(i, i + 1));
      }
      assertThat(session.toClient).hasToString(HEARD);
      assertThat(session.atCommandBoundary()).isTrue();
    }
  }

  @Test
  void passesAMessageAsItComes() {
    try (LoggedIn session = new LoggedIn().client("RETR 1\r\n").backend("+OK\r\nhalf a li")) {
      assertThat(session.toClient).hasToString("+OK\r\nhalf a li");
      assertThat(session.atCommandBoundary()).isFalse();
    }
  }

  @Test
  void whatNothingAskedForPassesAsALine() {
    try (LoggedIn session = new LoggedIn().backend("-ERR Disconnected for inac")) {
      assertThat(session.atCommandBoundary()).isFalse();
      session.backend("tivity.\r\n");
      assertThat(session.atCommandBoundary()).isTrue();
      session.client("CAPA\r\n").backend("+OK\r\nTOP\r\n.\r\n");
      assertThat(session.toClient)
          .hasToString(
              "-ERR Disconnected for inactivity.\r\n+OK Capability list follows\r\nTOP\r\n"
                  + OWN_CAPA);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "XCLIENT ADDR=203.0.113.1",
        "xclient",
        " XCLIENT ADDR=203.0.113.1",
        "XCLIENT\tADDR=203.0.113.1",
        "STLS",
        "USER bob",
        "PASS secret",
        "AUTH",
        "AUTH PLAIN AGFsaWNlAHNlY3JldA==",
        "APOP bob 0123",
        "",
        "\u00a0XCLIENT"
      })
  void theBackendNeverHearsWhatBelongsToTheProxy(String line) {
    try (LoggedIn session =
        new LoggedIn().client(line + "\r\nSTAT\r\n").backend("+OK\r\n+OK 0 0\r\n")) {
      assertThat(session.toBackend).hasToString("NOOP\r\nSTAT\r\n");
      assertThat(session.toClient).hasToString("-ERR Not after login.\r\n+OK 0 0\r\n");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "STAT\n",
        "STAT\rX",
        "STAT\r\r\n",
        "RETR 1\0\r\n",
        "\n",
        "\0",
        "STAT\nXCLIENT A=B\r\n"
      })
  void refusesWhatEndsALineOtherwise(String octets) {
    try (LoggedIn session = new LoggedIn().client("NOOP\r\n" + octets)) {
      assertThat(session.ended()).isEqualTo("malformed");
      assertThat(session.toBackend).hasToString("NOOP\r\n");
    }
  }

  @Test
  void refusesALineWithoutEnd() {
    try (LoggedIn session = new LoggedIn().client("A".repeat(8192))) {
      assertThat(session.ended()).isEmpty();
      assertThat(session.client("A").ended()).isEqualTo("malformed");
      assertThat(session.toBackend).isEmpty();
    }
  }

  @Test
  void refusesACapabilityListWithoutEnd() {
    try (LoggedIn session =
        new LoggedIn()
            .client("CAPA\r\n")
            .backend("+OK\r\n" + "X\r\n".repeat(Pop3Relay.LONGEST_UNIT / 3))) {
      assertThat(session.ended()).isEqualTo("malformed");
    }
  }

  /** RFC 2449 §6.6: a client that pipelines more than the proxy remembers waits, and is served. */
  @Test
  void holdsCommandsBackUntilEarlierOnesAreAnswered() {
    int most = LoggedIn.terms().limits().pipelinedCommands();
    String all = "STAT\r\n".repeat(most);
    try (LoggedIn session = new LoggedIn()) {
      session.client(all + "AUTH PLAIN\r\nLIST 1\r\nRETR 1\r\n");
      assertThat(session.toBackend).hasToString(all);
      session.backend("+OK 1 1\r\n");
      assertThat(session.toBackend).hasToString(all + "NOOP\r\n");
      session.backend("+OK 1 1\r\n+OK 1 1\r\n");
      assertThat(session.toBackend).hasToString(all + "NOOP\r\nLIST 1\r\nRETR 1\r\n");
      session.backend("+OK 1 1\r\n".repeat(most - 3) + "+OK\r\n+OK 1 9\r\n+OK\r\nmail\r\n.\r\n");
      assertThat(session.toClient.toString())
          .endsWith("Not after login.\r\n+OK 1 9\r\n+OK\r\nmail\r\n.\r\n");
      assertThat(session.ended()).isEmpty();
      assertThat(session.atCommandBoundary()).isTrue();
    }
  }

  /** The first of the commands that wait is not looked at, so it cannot end the session either. */
  @Test
  void doesNotJudgeWhatHasToWait() {
    int most = LoggedIn.terms().limits().pipelinedCommands();
    try (LoggedIn session = new LoggedIn()) {
      session.client("NOOP\r\n".repeat(most) + "A".repeat(Pop3Relay.LONGEST_UNIT));
      assertThat(session.ended()).isEmpty();
      assertThat(session.backend("+OK\r\n").ended()).isEqualTo("malformed");
    }
  }

  @Test
  void aClosingBackendAfterQuitIsTheEnd() {
    try (LoggedIn session =
        new LoggedIn()
            .client("QUIT\r\n")
            .backend("+OK bye\r\n")
            .signal(new Signal.BackendLost(BackendLoss.CLOSED))) {
      assertThat(session.toClient).hasToString("+OK bye\r\n");
      assertThat(session.ended()).isEqualTo("logout");
    }
  }

  @Test
  void saysNothingInTheMiddleOfAResponse() {
    try (LoggedIn session =
        new LoggedIn()
            .client("RETR 1\r\n")
            .backend("+OK\r\nhalf")
            .signal(new Signal.BackendLost(BackendLoss.RESET))) {
      assertThat(session.toClient).hasToString("+OK\r\nhalf");
      assertThat(session.ended()).isEqualTo("backend-failed");
    }
    try (LoggedIn session =
        new LoggedIn()
            .client("RETR 1\r\n")
            .backend("+OK\r\nhalf")
            .signal(new Signal.TimedOut(Limit.IDLE_TIMEOUT))) {
      assertThat(session.toClient).hasToString("+OK\r\nhalf");
      assertThat(session.ended()).isEqualTo("timeout");
    }
  }

  @Test
  void answersACommandThatTheLostBackendCannot() {
    try (LoggedIn session =
        new LoggedIn().client("STAT\r\n").signal(new Signal.BackendLost(BackendLoss.CLOSED))) {
      assertThat(session.toClient).hasToString(Answers.BACKEND_GONE);
      assertThat(session.ended()).isEqualTo("backend-closed");
    }
  }

  /**
   * Seeded: what any two peers send, nothing throws, nothing loops, and no forbidden command gets
   * through.
   */
  @Test
  void survivesAnything() {
    String[] pieces = {
      "CAPA",
      "RETR 1",
      "LIST",
      "XCLIENT A",
      "AUTH PLAIN",
      "USER x",
      "QUIT",
      "NOOP",
      "+OK",
      "-ERR",
      ".",
      "..",
      " ",
      "\t",
      "\0",
      "\r\n",
      "\r\n",
      "\r\n",
      "\r\n.\r\n",
      "\r",
      "\n",
      "x",
      "\u00ff",
      "TOP 1 1",
      "UIDL"
    };
    for (int seed = 0; seed < 1000; seed++) {
      Random random = new Random(seed);
      try (LoggedIn session = new LoggedIn()) {
        for (int i = 0; i < 60; i++) {
          StringBuilder octets = new StringBuilder();
          for (int j = random.nextInt(1, 5); j > 0; j--) {
            octets.append(pieces[random.nextInt(pieces.length)]);
          }
          if (random.nextBoolean()) {
            session.client(octets.toString());
          } else {
            session.backend(octets.toString());
          }
        }
        assertThat(session.toBackend.toString().lines())
            .as("seed %d", seed)
            .allMatch(l -> l.matches("[A-Za-z0-9_-]+( .*)?"))
            .noneMatch(l -> l.matches("(XCLIENT|AUTH|USER)( .*)?"));
      }
    }
  }

  private static String lines(String... lines) {
    return String.join("\r\n", lines) + "\r\n";
  }
}
