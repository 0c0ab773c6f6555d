package dev.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.SessionEvent;
import dev.postern.core.snapshot.Limits;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever breaks, and wherever: a client that hears a message accepted has its message in the
 * backend's mailbox, whole; one that does not hear it hears a failure that lets it try again.
 */
@Tag("CCO-3.3")
class NothingLostTest {
  private static final String LOGIN = "EHLO laptop.example\r\nAUTH PLAIN AGFsaWNlAHNlY3JldA==\r\n";
  private static final String ENVELOPE =
      "MAIL FROM:<alice@example.org>\r\nRCPT TO:<one@example.com>\r\n";
  private static final String FIRST = "Subject: 1\r\n\r\n..dot\r\nend\r\n";
  private static final String SECOND = "Subject: 2\r\n\r\nin chunks\r\n";
  private static final String THIRD = "Subject: 3\r\n\r\nlast\r\n";

  /** What the client sends, piece by piece; it waits for an answer after each. */
  private static final List<String> SESSION =
      List.of(
          LOGIN,
          ENVELOPE + "DATA\r\n",
          FIRST + ".\r\n",
          ENVELOPE
              + "BDAT 10\r\n"
              + SECOND.substring(0, 10)
              + "BDAT "
              + (SECOND.length() - 10)
              + " LAST\r\n"
              + SECOND.substring(10),
          "MAIL FROM:<alice@example.org>\r\n",
          "RCPT TO:<one@example.com>\r\n",
          "DATA\r\n",
          THIRD + ".\r\n");

  /** Behind the greeting, the name and the extensions, and the answer to AUTH. */
  private static final int AFTER_LOGIN = 3 + ReferenceServer.EXTENSIONS.size();

  private static final List<String> MESSAGES = List.of(FIRST, SECOND, THIRD);

  /** What the backend does instead of one line of its own. */
  enum Fault {
    /** Closes, or resets, before the line or within it: a part of a line is none. */
    CLOSES,
    /** Nothing comes any more, and a deadline passes. */
    STALLS,
    /** Something that is no reply. */
    GARBAGE,
    /** A reply that goes on, then the end. */
    PARTIAL_REPLY,
    /** Says that it shuts down. */
    SHUTS_DOWN
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void whenTheBackendBreaks(Fault fault) {
    int step = 0;
    while (play(fault, step)) {
      step++;
    }
    // greeting, EHLO, AUTH, then all the replies of three messages
    assertThat(step).isGreaterThan(18);
  }

  /** Breaks one line; says whether there was one to break. */
  private static boolean play(Fault fault, int step) {
    ReferenceServer backend = ReferenceServer.strict();
    ProxiedSession session = new ProxiedSession(backend, Limits.DEFAULT);
    StringBuilder heard = new StringBuilder();
    boolean broken = false;
    int lines = 0;
    for (String piece : SESSION) {
      session.send(piece);
      for (String line = session.intercept(); line != null; line = session.intercept()) {
        if (lines++ == step) {
          broken = true;
          breakWith(fault, session, line);
        } else if (!session.isOver()) {
          session.hear(line);
        }
      }
      heard.append(session.said());
    }
    judge(fault + " at line " + step, heard.toString(), backend, session);
    if (broken && step >= AFTER_LOGIN) {
      assertThat(session.isOver()).as("%s at line %d", fault, step).isTrue();
      assertThat(last(heard)).as("%s at line %d", fault, step).startsWith("4");
    }
    return broken;
  }

  private static void breakWith(Fault fault, ProxiedSession session, String line) {
    switch (fault) {
      case CLOSES -> session.loseBackend();
      case STALLS -> session.timeOut();
      case GARBAGE -> session.hear("2x0 what is that");
      case PARTIAL_REPLY -> {
        session.hear(line.substring(0, 3) + "-" + line.substring(4));
        session.loseBackend();
      }
      case SHUTS_DOWN -> {
        session.hear("421 4.3.2 shutting down");
        session.loseBackend();
      }
    }
  }

  /** The client's view against the backend's mailbox. */
  private static void judge(
      String where, String heard, ReferenceServer backend, ProxiedSession session) {
    long told = heard.lines().filter(l -> l.startsWith("250 2.0.0 queued")).count();
    List<ReferenceServer.Message> there = backend.messages();
    assertThat((long) there.size()).as(where).isGreaterThanOrEqualTo(told);
    for (int i = 0; i < there.size(); i++) {
      assertThat(there.get(i).body()).as(where).endsWith(MESSAGES.get(i)).startsWith("Received: ");
      ReceivedGrammar.read(
          there
              .get(i)
              .body()
              .substring(0, there.get(i).body().length() - MESSAGES.get(i).length()));
    }
    assertThat(session.submitted().stream().filter(SessionEvent.Submitted::accepted).count())
        .as(where)
        .isEqualTo(told);
  }

  /** However much of a session has come when the client goes: only whole messages are delivered. */
  @Test
  void whenTheClientGoesAtAnyOctet() {
    String all = String.join("", SESSION);
    for (int cut = 0; cut <= all.length(); cut++) {
      ReferenceServer backend = ReferenceServer.strict();
      ProxiedSession session = new ProxiedSession(backend, Limits.DEFAULT);
      StringBuilder heard = new StringBuilder();
      int sent = 0;
      for (String piece : SESSION) {
        session.send(piece.substring(0, Math.min(piece.length(), cut - sent)));
        while (session.hear()) {
          // each reply in its turn
        }
        heard.append(session.said());
        sent += piece.length();
        if (sent > cut) {
          break;
        }
      }
      judge("client gone after " + cut, heard.toString(), backend, session);
      assertThat((long) backend.messages().size())
          .as("client gone after %d", cut)
          .isEqualTo(
              heard.toString().lines().filter(l -> l.startsWith("250 2.0.0 queued")).count());
    }
  }

  private static String last(StringBuilder heard) {
    String[] lines = heard.toString().split("\r\n");
    return lines[lines.length - 1];
  }
}
