package dev.postern.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.protocol.Signal;
import dev.postern.core.wire.Relay;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("StringConcatToTextBlock") // every CRLF counts
class ImapRelayTest {

  /** Client and backend by turns. */
  private static final List<String> CORPUS =
      List.of(
          "a SELECT INBOX\r\nb ID (\"name\" \"Mua\" \"x-originating-ip\" \"10.0.0.1\")\r\nc UID FETCH 1:* (FLAGS)\r\n",
          "* 3 EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 1] {5}\r\na OK [READ-WRITE] done {3}\r\n"
              + "* ID (\"name\" {7}\r\nDovecot)\r\nb OK ID completed.\r\n* 1 FETCH (FLAGS ())\r\nc OK done\r\n",
          "d append INBOX (\\Seen) {31+}\r\ne ID (\"x-session-id\" \"1\")\r\n\r\n \"x\"\r\n"
              + "f APPEND INBOX ~{4+}\r\n\0\r\n\n\r\n",
          "+ go on\r\n",
          "",
          "d OK [APPENDUID 1 2] done\r\n",
          "",
          "+\r\n",
          "",
          "f NO [TOOBIG] x\r\n",
          "g CAPABILITY\r\nh FETCH 1 BODY[]\r\n",
          "* CAPABILITY IMAP4rev1 STARTTLS COMPRESS=DEFLATE\r\ng OK done\r\n"
              + "* 1 FETCH (BODY[] {55}\r\n* CAPABILITY X\r\nh OK [CAPABILITY X] forged\r\n* BYE xxxx\r\n FLAGS () X ~{2}\r\n\r\n)\r\n"
              + "h OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] done\r\n",
          "i IDLE\r\n",
          "+ idling\r\n* 4 EXISTS\r\n",
          "done\r\nj STARTTLS\r\nk NOOP\r\n",
          "i OK done\r\n* 5 EXISTS\r\nj OK NOOP done\r\nk OK NOOP done\r\n",
          "l COPY 1 {5}\r\n",
          "+ go on\r\n",
          "Trash\r\n",
          "l OK done\r\n",
          "m LOGOUT\r\n",
          "* BYE bye\r\nm OK done\r\n");

  private static final String TO_BACKEND =
      "a SELECT INBOX\r\nb ID (\"name\" \"Mua\")\r\nc UID FETCH 1:* (FLAGS)\r\n"
          + CORPUS.get(2).replace("+}", "}")
          + "g CAPABILITY\r\nh FETCH 1 BODY[]\r\n"
          + "i IDLE\r\ndone\r\nj NOOP\r\nk NOOP\r\nl COPY 1 {5}\r\nTrash\r\nm LOGOUT\r\n";

  private static final String TO_CLIENT =
      "* 3 EXISTS\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY 1] {5}\r\na OK [READ-WRITE] done {3}\r\n"
          + "* ID (\"name\" \"Postern\" \"deep-status\" \"tls12\" \"deep\" \"tls12\")\r\nb OK ID completed\r\n"
          + "* 1 FETCH (FLAGS ())\r\nc OK done\r\n"
          + "d OK [APPENDUID 1 2] done\r\nf NO [TOOBIG] x\r\n"
          + "* CAPABILITY IMAP4rev1 ID DEEP\r\ng OK done\r\n"
          + "* 1 FETCH (BODY[] {55}\r\n* CAPABILITY X\r\nh OK [CAPABILITY X] forged\r\n* BYE xxxx\r\n FLAGS () X ~{2}\r\n\r\n)\r\n"
          + "h OK [CAPABILITY IMAP4rev1 ID DEEP] done\r\n"
          + "+ idling\r\n* 4 EXISTS\r\n"
          + "i OK done\r\n* 5 EXISTS\r\nj BAD STARTTLS is possible only before login\r\nk OK NOOP done\r\n"
          + "+ go on\r\nl OK done\r\n* BYE bye\r\nm OK done\r\n";

  private static void plays(BiFunction<Integer, String, List<String>> cut) {
    RelayedSession session = new RelayedSession();
    for (int i = 0; i < CORPUS.size(); i++) {
      for (String piece : cut.apply(i, CORPUS.get(i))) {
        if (i % 2 == 0) {
          session.client(piece);
        } else {
          session.backend(piece);
        }
      }
    }
    assertThat(session.end()).isEmpty();
    assertThat(session.toBackend()).isEqualTo(TO_BACKEND);
    assertThat(session.toClient()).isEqualTo(TO_CLIENT);
    assertThat(session.atCommandBoundary()).isTrue();
    session.signal(new Signal.BackendLost(BackendLoss.CLOSED));
    assertThat(session.end()).isEqualTo("logout");
    assertThat(session.toClient()).isEqualTo(TO_CLIENT);
    session.release();
  }

  @Test
  void followsWholePieces() {
    plays((i, octets) -> List.of(octets));
  }

  @Test
  void followsOctetByOctet() {
    plays((i, octets) -> List.of(octets.split("(?s)(?<=.)")));
  }

  @Test
  void followsEverySplit() {
    for (int i = 0; i < CORPUS.size(); i++) {
      for (int at = 1; at < CORPUS.get(i).length(); at++) {
        int turn = i;
        int split = at;
        plays(
            (now, octets) ->
                now == turn
                    ? List.of(octets.substring(0, split), octets.substring(split))
                    : List.of(octets));
      }
    }
  }

  @Test
  @Tag("DEEP-7.1c")
  void aForgedIdNeverReachesTheBackend() {
    for (String smuggled :
        List.of(
            "a NOOP {%d+}\r\n%s",
            "a BOGUS {%d+}\r\n%s",
            "a SELECT \"x {%d+}\r\n%s",
            "a SELECT x{%d+}\r\n%s",
            "a SELECT x\"y\" {%d+}\r\n%s",
            "a FETCH 1 {%d}\r\n%s",
            "a IDLE\r\n%2$s",
            "a X\n%2$s",
            "a X\r%2$s",
            "a X\0\r\n%2$s",
            "a  %2$s",
            "\r\n%2$s",
            "a\r\n%2$s",
            "a NOOP\r\n%2$s")) {
      for (String forged :
          List.of(
              "b ID (\"x-originating-ip\" \"6.6.6.6\")\r\n",
              "b id (\"name\" \"m\" \"X-Session-ID\" \"6.6.6.6\")\r\n")) {
        RelayedSession session = new RelayedSession();
        session
            .client(smuggled.formatted(forged.length(), forged))
            .client("\r\n")
            .backend("a BAD what\r\n");
        assertThat(session.toBackend()).as(smuggled).doesNotContain("6.6.6.6");
        session.release();
      }
    }
  }

  @Test
  @Tag("DEEP-7.1c")
  void takesAnIdWithLiterals() {
    String command =
        "a ID (\"name\" {3+}\r\nMua {8+}\r\nx-client \"1\" \"os\" {0+}\r\n)\r\nb NOOP\r\n";
    for (int at = 0; at <= command.length(); at++) {
      RelayedSession session = new RelayedSession();
      session.client(command.substring(0, at)).client(command.substring(at));
      assertThat(session.toBackend())
          .isEqualTo("a ID (\"name\" \"Mua\" \"os\" \"\")\r\nb NOOP\r\n");
      session.release();
    }
    RelayedSession waiting = new RelayedSession();
    waiting.client("a ID (\"name\" {3}\r\n").backend("a OK done\r\n");
    assertThat(waiting.toClient()).startsWith("a BAD ");
    waiting.release();
  }

  @Test
  void losesTheFramingOnATaggedResponseWithABareLineFeed() {
    RelayedSession session = new RelayedSession();
    session.client("a NOOP\r\n").backend("a OK done\n");
    assertThat(session.end()).isEqualTo("lost");
    session.release();
  }

  @Test
  void throwsAwayALiteralThatTheBackendDoesNotWant() {
    String command = "a NOOP \"x {27+}\r\nb ID (\"x-session-id\" \"1\")\r\n more {3+}\r\nabc (\r\n";
    for (int at = 0; at <= command.length(); at++) {
      RelayedSession session = new RelayedSession();
      session.client(command.substring(0, at)).client(command.substring(at)).client("c NOOP\r\n");
      assertThat(session.toBackend()).isEqualTo("a NOOP \"x {27}\r\n");
      assertThat(session.atCommandBoundary()).isFalse();
      session.backend("a BAD Missing quote {3}\r\n");
      assertThat(session.toBackend()).isEqualTo("a NOOP \"x {27}\r\nc NOOP\r\n");
      session.backend("c OK done\r\n");
      assertThat(session.toClient()).isEqualTo("a BAD Missing quote {3}\r\nc OK done\r\n");
      assertThat(session.atCommandBoundary()).isTrue();
      session.release();
    }
  }

  @Test
  void textInBracesIsNoLiteral() {
    for (String line :
        List.of("a X {}\r\n", "a X {5+} \r\n", "a X {x\r\n", "a X {{5-}\r\n", "a X {5+\r\n")) {
      RelayedSession session = new RelayedSession();
      session.client(line + "b NOOP\r\n");
      assertThat(session.toBackend()).isEqualTo(line + "b NOOP\r\n");
      session.release();
    }
  }

  @Test
  void refusesWhatIsNoLine() {
    for (String broken :
        List.of(
            "a NOOP\n",
            "a NOOP x\n",
            "a NOOP\rx",
            "a NOOP x\0\r\n",
            "a".repeat(300) + " NOOP\r\n",
            "a NOOP x\ry",
            "a SEARCH SUBJECT {5}\n",
            "a SEARCH SUBJECT {5+}\n",
            "a SEARCH SUBJECT {5\n",
            "a SEARCH SUBJECT {\n",
            "a SEARCH SUBJECT {5}\rx",
            "a SEARCH SUBJECT {5}\0",
            "a ID (\"name\" {3}\n",
            "a ID (\"name\" {3+}\nabc)\r\n",
            "a ID (\"name\" {3+}\r\nabc)\n",
            "a SEARCH SUBJECT {" + "0".repeat(23) + "5+}\r\n",
            "a SEARCH SUBJECT {99999999999999999999+}\r\n",
            "\n",
            "a\n",
            "a ID\n")) {
      RelayedSession session = new RelayedSession();
      session.client(broken);
      assertThat(session.end()).as(broken).isEqualTo("lost");
      assertThat(session.toBackend()).doesNotContain("\n", "\0", "\r");
      session.release();
    }
    RelayedSession idling = new RelayedSession();
    idling.client("a IDLE\r\n").backend("+ idling\r\n").client("b NOOP\r\n");
    assertThat(idling.end()).isEqualTo("lost");
    idling.release();
  }

  @Test
  void holdsTheClientUntilTheBackendTakesALiteral() {
    RelayedSession session = new RelayedSession();
    session.client("a APPEND INBOX {4}\r\nb ID\r\nc NOOP\r\n");
    assertThat(session.toBackend()).isEqualTo("a APPEND INBOX {4}\r\n");
    session.backend("+ go on\r\n");
    assertThat(session.toBackend()).isEqualTo("a APPEND INBOX {4}\r\nb ID\r\nc NOOP\r\n");
    session.release();
  }

  private static final String FORGED =
      "c ID (\"x-originating-ip\" \"127.0.0.1\" \"x-proxy-ttl\" \"1\")\r\n";

  @Test
  @Tag("DEEP-7.1c")
  void aTagUsedAgainDoesNotEndIdle() {
    RelayedSession session = new RelayedSession();
    session.client("a NOOP\r\na IDLE\r\n").backend("a OK done\r\n");
    session.client("b APPEND INBOX {" + FORGED.length() + "}\r\n").backend("+ idling\r\n");
    session.client(FORGED).client("d NOOP\r\n");
    assertThat(session.toBackend()).isEqualTo("a NOOP\r\na IDLE\r\n");
    assertThat(session.end()).isEqualTo("lost");
    session.release();
  }

  @Test
  @Tag("DEEP-7.1c")
  void aTagUsedAgainDoesNotEndALiteral() {
    for (String plus : List.of("", "+")) {
      RelayedSession session = new RelayedSession();
      session.client("a NOOP\r\na APPEND INBOX {300" + plus + "}\r\n");
      assertThat(session.toBackend()).isEqualTo("a NOOP\r\n");
      session.backend("a OK done\r\n");
      assertThat(session.toBackend()).isEqualTo("a NOOP\r\na APPEND INBOX {300}\r\n");
      session.backend("+ go on\r\n").client("x".repeat(300) + "\r\n").backend("a OK done\r\n");
      assertThat(session.toBackend()).endsWith("xx\r\n");
      assertThat(session.atCommandBoundary()).isTrue();
      session.release();
    }
  }

  @Test
  void knowsATagOfAnyLength() {
    for (int length : List.of(1, 16, 17, 200)) {
      String tag = "t".repeat(length);
      RelayedSession session = new RelayedSession();
      session.client(tag + " IDLE\r\n").backend(tag + " BAD not now\r\n").client("b NOOP\r\n");
      assertThat(session.toBackend()).isEqualTo(tag + " IDLE\r\nb NOOP\r\n");
      session.release();
    }
  }

  @Test
  void holdsIdleUntilAllBeforeIsAnswered() {
    RelayedSession session = new RelayedSession();
    session.client("a NOOP\r\nb IDLE\r\n");
    assertThat(session.toBackend()).isEqualTo("a NOOP\r\n");
    session.backend("a OK done\r\n").backend("+ idling\r\n").client("DONE\r\nc IDLE\r\n");
    assertThat(session.toBackend()).isEqualTo("a NOOP\r\nb IDLE\r\nDONE\r\n");
    session.backend("b OK done\r\n").backend("+ idling\r\n").client("DONE\r\nd NOOP\r\n");
    assertThat(session.toBackend()).endsWith("b IDLE\r\nDONE\r\nc IDLE\r\nDONE\r\nd NOOP\r\n");
    session.release();
  }

  @Test
  void idleTakesNoArguments() {
    for (String marker : List.of("{%d}", "{%d+}")) {
      RelayedSession session = new RelayedSession();
      session
          .client("a IDLE " + marker.formatted(FORGED.length()) + "\r\n")
          .client(FORGED + "\r\n");
      assertThat(session.toBackend()).startsWith("a NOOP\r\n").doesNotContain("IDLE", "127.0.0.1");
      session.backend("a OK done\r\n");
      assertThat(session.toClient()).startsWith("a BAD ");
      session.release();
    }
  }

  @Test
  void losesTheFramingOnAContinuationRequestForNobody() {
    for (String sent :
        List.of("", "a NOOP\r\n", "a NO", "a IDLE\r\n", "a APPEND INBOX {3}\r\n", "a X {3+}\r\n")) {
      RelayedSession session = new RelayedSession();
      session.client(sent);
      boolean asked = sent.contains("IDLE") || sent.contains("{");
      if (asked) {
        session.backend("+ go on\r\n");
        assertThat(session.end()).as(sent).isEmpty();
      }
      session.backend("+ go on\r\n");
      assertThat(session.end()).as(sent).isEqualTo("lost");
      session.release();
    }
  }

  @Test
  void holdsWhatMayAnnounceALiteralUntilAllBeforeIsAnswered() {
    // A backend may answer "no such mailbox" as soon as it has read the name.
    RelayedSession session = new RelayedSession();
    session.client("a NOOP\r\nb APPEND Nowhere");
    assertThat(session.toBackend()).isEqualTo("a NOOP\r\n");
    session.client(" {3+}\r\nabc\r\n");
    assertThat(session.toBackend()).isEqualTo("a NOOP\r\n");
    session.backend("a OK done\r\n");
    assertThat(session.toBackend()).isEqualTo("a NOOP\r\nb APPEND Nowhere {3}\r\n");
    session.release();
    RelayedSession other = new RelayedSession();
    other.client("a NOOP\r\nb NOOP\r\nc SEARCH SUBJECT {3}x\r\nd SEARCH ");
    assertThat(other.toBackend()).isEqualTo("a NOOP\r\nb NOOP\r\nc SEARCH SUBJECT {3}x\r\n");
    other.client("UID " + "1,".repeat(9000)).backend("a OK x\r\nb OK x\r\nc OK x\r\n");
    assertThat(other.end()).isEmpty();
    assertThat(other.toBackend()).endsWith("1,1,");
    other.release();
  }

  @Test
  void dropsTheLiteralOfACommandThatIsAnsweredAlready() {
    RelayedSession session = new RelayedSession();
    session.client("a APPEND Nowhere ").backend("a NO [TRYCREATE] no\r\n");
    session.client("{%d+}\r\n".formatted(FORGED.length())).client(FORGED).client("\r\nd NOOP\r\n");
    assertThat(session.toBackend()).isEqualTo("a APPEND Nowhere {57}\r\nd NOOP\r\n");
    session.backend("d OK done\r\n");
    assertThat(session.atCommandBoundary()).isTrue();
    session.client("e APPEND Nowhere ").backend("e NO [TRYCREATE] no\r\n");
    session.client("{3}\r\n").client("f NOOP\r\n").backend("f OK done\r\n");
    assertThat(session.toBackend()).endsWith("e APPEND Nowhere {3}\r\nf NOOP\r\n");
    assertThat(session.atCommandBoundary()).isTrue();
    session.backend("+ go on\r\n");
    assertThat(session.end()).isEqualTo("lost");
    session.release();
  }

  @Test
  void whatFollowsARefusedLiteralIsACommand() {
    RelayedSession session = new RelayedSession();
    session.client("x NOOP\r\na APPEND INBOX {4}\r\nb ID\r\nc NOOP\r\n").backend("x OK done\r\n");
    assertThat(session.toBackend()).isEqualTo("x NOOP\r\na APPEND INBOX {4}\r\n");
    session.backend("a NO [TRYCREATE] no\r\n");
    assertThat(session.toBackend())
        .isEqualTo("x NOOP\r\na APPEND INBOX {4}\r\nb NOOP\r\nc NOOP\r\n");
    session.release();
  }

  @Test
  void mayBeInterruptedBetweenCommandsAndInIdle() {
    RelayedSession session = new RelayedSession();
    assertThat(session.atCommandBoundary()).isTrue();
    assertThat(session.client("a FETCH 1 BODY[]\r\n").atCommandBoundary()).isFalse();
    assertThat(session.backend("* 1 FETCH (BODY[] {3}\r\na").atCommandBoundary()).isFalse();
    assertThat(session.backend("bc)\r\n").atCommandBoundary()).isFalse();
    assertThat(session.backend("a OK done\r\n").atCommandBoundary()).isTrue();
    assertThat(session.client("b IDLE\r\n").atCommandBoundary()).isFalse();
    assertThat(session.backend("+ idling\r\n").atCommandBoundary()).isTrue();
    assertThat(session.backend("* 1 EXI").atCommandBoundary()).isFalse();
    assertThat(session.backend("STS\r\n").atCommandBoundary()).isTrue();
    assertThat(session.client("DONE\r\n").atCommandBoundary()).isFalse();
    assertThat(session.backend("b OK done\r\n").atCommandBoundary()).isTrue();
    session.signal(new Signal.Shutdown());
    assertThat(session.toClient())
        .endsWith("* BYE [UNAVAILABLE] The server is shutting down: connect again\r\n");
    session.release();
  }

  @Test
  void writesNothingIntoAHalfPassedResponse() {
    RelayedSession session = new RelayedSession();
    session.client("a FETCH 1 BODY[]\r\n").backend("* 1 FETCH (BODY[] {300}\r\nabc");
    session.signal(new Signal.BackendLost(BackendLoss.RESET));
    assertThat(session.toClient()).endsWith("{300}\r\nabc");
    assertThat(session.end()).isEqualTo("backend-failed");
    session.release();
  }

  @Test
  void saysByeOnlyOnce() {
    RelayedSession session = new RelayedSession();
    session
        .backend("* BYE Idle for too long\r\n")
        .signal(new Signal.BackendLost(BackendLoss.CLOSED));
    assertThat(session.toClient()).isEqualTo("* BYE Idle for too long\r\n");
    assertThat(session.end()).isEqualTo("backend-closed");
    session.release();
  }

  @Test
  void passesALiteralInOnePiece() {
    int size = 1 << 20;
    ByteBuf in = Unpooled.buffer(size + 64);
    in.writeBytes(("* 1 FETCH (BODY[] {" + size + "}\r\n").getBytes(US_ASCII));
    in.writerIndex(in.writerIndex() + size);
    in.writeBytes(")\r\na OK done\r\n* 2 EX".getBytes(US_ASCII));
    assertThat(new ImapRelay(1).fromBackend().pass(in)).isEqualTo(in.readableBytes());
    in.release();
  }

  @Test
  void givesUpUnitsThatNeverEnd() {
    RelayedSession session = new RelayedSession();
    session.backend("* CAPABILITY " + "x ".repeat(9000));
    assertThat(session.end()).isEqualTo("lost");
    session.release();
    RelayedSession other = new RelayedSession();
    other.client("a ID (\"name\" \"" + "x".repeat(17000));
    assertThat(other.end()).isEqualTo("lost");
    other.release();
  }

  @Test
  void leavesNoUnitWaitingThatIsTooLongToBecomeWhole() {
    for (String endless :
        List.of(
            "a SEARCH {" + "0".repeat(40_000),
            "a SEARCH SUBJECT \"" + "0".repeat(40_000),
            "a ID (" + "\"x\" NIL ".repeat(4000),
            "a".repeat(40_000),
            "a " + "b".repeat(40_000),
            "a" + " ".repeat(40_000))) {
      bounds(endless, RelayedSession::client);
    }
    for (String endless :
        List.of(
            "a OK " + "x".repeat(40_000),
            "* CAPABILITY " + "x".repeat(40_000),
            "* ID (" + "x".repeat(40_000))) {
      bounds(endless, RelayedSession::backend);
    }
  }

  /** Sends in pieces, and never has more waiting than the driver would read. */
  private static void bounds(String endless, BiConsumer<RelayedSession, String> sends) {
    RelayedSession session = new RelayedSession();
    for (int at = 0; at < endless.length() && session.end().isEmpty(); at += 1024) {
      sends.accept(session, endless.substring(at, Math.min(at + 1024, endless.length())));
      assertThat(session.waiting() < Relay.LONGEST_UNIT || session.end().equals("lost"))
          .as(endless.substring(0, 20))
          .isTrue();
    }
    session.release();
  }

  @Test
  void boundsTheAnswersThatWait() {
    RelayedSession session = new RelayedSession();
    session.client("a ID NIL\r\n".repeat(101));
    assertThat(session.end()).isEqualTo("limit");
    session.release();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void survivesAnything(long seed) {
    Random random = new Random(seed);
    String[] words = {
      "a",
      " ",
      "\r\n",
      "ID",
      "(",
      ")",
      "\"",
      "\\",
      "{",
      "}",
      "5",
      "+",
      "*",
      "OK",
      "[CAPABILITY ",
      "]",
      "IDLE",
      "DONE",
      "\r",
      "\n",
      "\0",
      "* ",
      "+ ",
      "NO",
      "LOGOUT",
      "{3+}\r\n",
      "{2}\r\n",
      "FETCH",
      "\u00ff",
      "x-a",
      "a OK x\r\n",
      "a NOOP\r\n"
    };
    for (int round = 0; round < 500; round++) {
      RelayedSession session = new RelayedSession();
      for (int i = 0; i < 60 && session.end().isEmpty(); i++) {
        String word = words[random.nextInt(words.length)];
        if (random.nextBoolean()) {
          session.client(word);
        } else {
          session.backend(word);
        }
      }
      session.signal(new Signal.Shutdown());
      session.release();
    }
  }
}
