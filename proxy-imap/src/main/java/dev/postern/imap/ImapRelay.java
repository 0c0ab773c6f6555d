package dev.postern.imap;

import dev.postern.core.wire.Relay;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Follows both directions of a session after login: which octets are lines and which are literals,
 * which commands wait for their tagged response, and what the proxy answers in the backend's stead.
 */
final class ImapRelay implements Relay {
  private final CommandTracker commands = new CommandTracker(this);
  private final ResponseTracker responses = new ResponseTracker(this);
  private final ArrayDeque<Answer> answers = new ArrayDeque<>();
  private final int mostAnswers;

  private int outstanding;

  /**
   * Follows a session from the login on.
   *
   * @param mostAnswers most answers of the proxy's own that may wait for their turn
   */
  ImapRelay(int mostAnswers) {
    this.mostAnswers = mostAnswers;
  }

  @Override
  public Direction fromClient() {
    return commands;
  }

  @Override
  public Direction fromBackend() {
    return responses;
  }

  @Override
  public boolean atCommandBoundary() {
    return responses.atStart()
        && (commands.betweenCommands() ? outstanding == 0 : commands.idling() && outstanding == 1);
  }

  /** Says whether a response of the proxy's own would break none of the backend's. */
  boolean atResponseBoundary() {
    return responses.atStart();
  }

  /** Says what the unit is that was lifted out of the client's octets last. */
  CommandTracker.Lifted lifted() {
    return commands.lifted();
  }

  /** Says whether the backend's next continuation request is for the proxy alone. */
  boolean holdsLiteral() {
    return commands.holdsLiteral();
  }

  /** Says whether the backend's next continuation request would be about something. */
  boolean awaitsContinuation() {
    return commands.awaitsContinuation();
  }

  /** Returns the number of commands that the backend has not answered, one half sent included. */
  int outstanding() {
    return outstanding;
  }

  /** Says whether the client has sent LOGOUT. */
  boolean loggingOut() {
    return commands.loggingOut();
  }

  /** Says whether the backend has announced that it closes. */
  boolean saidBye() {
    return responses.saidBye();
  }

  /**
   * Has the tagged response of a command that is sent to the backend now replaced.
   *
   * @param tag of the command
   * @param answer whole lines, CRLF included
   * @return false when too many answers wait already
   */
  boolean expect(String tag, String answer) {
    if (answers.size() >= mostAnswers) {
      return false;
    }
    answers.add(new Answer(tag.getBytes(StandardCharsets.US_ASCII), answer));
    outstanding++;
    return true;
  }

  /**
   * Takes the answer that replaces the tagged response just lifted out; null when there is none.
   */
  @Nullable String answerTo(String tag) {
    byte[] octets = tag.getBytes(StandardCharsets.UTF_8);
    for (Iterator<Answer> each = answers.iterator(); each.hasNext(); ) {
      Answer answer = each.next();
      if (Arrays.equals(answer.tag, octets)) {
        each.remove();
        return answer.lines;
      }
    }
    return null;
  }

  /** Says whether a tagged response is to be replaced. */
  boolean replaces(ByteBuf in, int from, int length) {
    if (answers.isEmpty()) {
      return false;
    }
    for (Answer answer : answers) {
      if (Octets.equal(in, from, length, answer.tag, answer.tag.length)) {
        return true;
      }
    }
    return false;
  }

  /** A command goes to the backend. */
  void sent() {
    outstanding++;
  }

  /** A tagged response comes from the backend. */
  void answered(ByteBuf in, int tag, int length) {
    if (outstanding > 0) {
      outstanding--;
    }
    commands.answered(in, tag, length);
  }

  /** A continuation request comes from the backend. */
  void continued() {
    commands.continued();
  }

  private static final class Answer {
    private final byte[] tag;
    private final String lines;

    Answer(byte[] tag, String lines) {
      this.tag = tag;
      this.lines = lines;
    }
  }
}
