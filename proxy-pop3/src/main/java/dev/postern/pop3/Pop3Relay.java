package dev.postern.pop3;

import dev.postern.core.wire.Relay;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Follows a POP3 session in the TRANSACTION state. Client lines pass whole; those that belong to
 * the proxy are lifted out and the dialogue sends a NOOP in their place, so that answers keep their
 * order under pipelining (RFC 2449 §6.6). Answers pass as slices; those to CAPA and to the stand-in
 * NOOPs are lifted out.
 */
final class Pop3Relay implements Relay {
  private enum Response {
    NONE,
    /** In a status line that ends the response. */
    LAST_LINE,
    /** In a status line that a body follows. */
    STATUS_LINE,
    BODY
  }

  private final int lineLimit;
  private final int outstandingLimit;

  /** The commands that the backend has not answered yet, oldest first. */
  private final Queue<AnswerKind> outstanding = new ArrayDeque<>();

  private final MultiLine end = new MultiLine();
  private final Direction fromClient = new FromClient();
  private final Direction fromBackend = new FromBackend();
  private Response response = Response.NONE;
  private AnswerKind lifted = AnswerKind.SINGLE;
  private boolean quit;

  /**
   * @param lineLimit longest command line, in octets, CRLF included
   * @param outstandingLimit most commands that wait for an answer before the next one waits for its
   *     turn
   */
  Pop3Relay(int lineLimit, int outstandingLimit) {
    this.lineLimit = lineLimit;
    this.outstandingLimit = outstandingLimit;
  }

  @Override
  public Direction fromClient() {
    return fromClient;
  }

  @Override
  public Direction fromBackend() {
    return fromBackend;
  }

  @Override
  public boolean atCommandBoundary() {
    return outstanding.isEmpty() && betweenResponses();
  }

  /**
   * Says whether a line of the proxy's own could go to the client without tearing a response apart.
   */
  boolean betweenResponses() {
    return response == Response.NONE;
  }

  /** Says whether the client has sent QUIT, so that the backend may close. */
  boolean quit() {
    return quit;
  }

  /**
   * Returns what the backend's unit that was lifted out last answers: {@link AnswerKind#CAPA} or
   * {@link AnswerKind#REFUSED}.
   */
  AnswerKind lifted() {
    return lifted;
  }

  private final class FromClient implements Direction {

    @Override
    public int pass(ByteBuf in) {
      int from = in.readerIndex();
      int to = in.writerIndex();
      int i = from;
      while (i < to && !isFull()) {
        int length = line(in, i, to);
        if (length <= 0 || !passes(in, i, i + length - 2)) {
          break;
        }
        i += length;
      }
      return i - from;
    }

    @Override
    public int unit(ByteBuf in) {
      if (isFull()) {
        return 0;
      }
      int length = line(in, in.readerIndex(), in.writerIndex());
      if (length > 0) {
        outstanding.add(AnswerKind.REFUSED);
      }
      return length;
    }

    private boolean isFull() {
      return outstanding.size() >= outstandingLimit;
    }

    /**
     * Measures a line: 0 when it is incomplete, -1 when it is too long or its octets are not those
     * of a command.
     */
    private int line(ByteBuf in, int from, int to) {
      int lf = in.indexOf(from, to, (byte) '\n');
      int end = lf < 0 ? to : lf + 1;
      if (end - from > lineLimit || in.indexOf(from, end, (byte) 0) >= 0) {
        return -1;
      }
      int cr = in.indexOf(from, end, (byte) '\r');
      if (lf < 0) {
        return cr < 0 || cr == to - 1 ? 0 : -1;
      }
      return cr == lf - 1 && cr >= from ? end - from : -1;
    }

    /** Counts a line that may go to the backend; false when it may not. */
    private boolean passes(ByteBuf in, int from, int to) {
      int keywordEnd = Command.keywordEnd(in, from, to);
      switch (Command.of(in, from, keywordEnd)) {
        case RETR, TOP -> outstanding.add(AnswerKind.MULTI);
        case LIST, UIDL, LANG ->
            outstanding.add(isBlank(in, keywordEnd, to) ? AnswerKind.MULTI : AnswerKind.SINGLE);
        case CAPA -> outstanding.add(AnswerKind.CAPA);
        case QUIT -> {
          quit = true;
          outstanding.add(AnswerKind.SINGLE);
        }
        case NOOP, UTF8, OTHER -> outstanding.add(AnswerKind.SINGLE);
        case APOP, AUTH, PASS, STLS, USER, XCLIENT, MALFORMED -> {
          return false;
        }
      }
      return true;
    }

    private boolean isBlank(ByteBuf in, int from, int to) {
      for (int i = from; i < to; i++) {
        if (in.getByte(i) != ' ') {
          return false;
        }
      }
      return true;
    }
  }

  private final class FromBackend implements Direction {

    @Override
    public int pass(ByteBuf in) {
      int from = in.readerIndex();
      int to = in.writerIndex();
      int i = from;
      while (i < to) {
        if (response == Response.NONE && !begin(in.getByte(i))) {
          break;
        }
        int next = response == Response.BODY ? end.bodyEnd(in, i, to) : end.lineEnd(in, i, to);
        if (next < 0) {
          return to - from;
        }
        i = next;
        if (response == Response.STATUS_LINE) {
          response = Response.BODY;
          end.beginBody();
        } else {
          response = Response.NONE;
        }
      }
      return i - from;
    }

    /** Begins a response by its first octet; false when it must be lifted out. */
    private boolean begin(byte first) {
      // What nothing asked for is one line: a server that says why it closes.
      AnswerKind kind = outstanding.isEmpty() ? AnswerKind.SINGLE : outstanding.element();
      if (kind == AnswerKind.CAPA || kind == AnswerKind.REFUSED) {
        return false;
      }
      outstanding.poll();
      response =
          kind == AnswerKind.MULTI && first == '+' ? Response.STATUS_LINE : Response.LAST_LINE;
      end.beginLine();
      return true;
    }

    @Override
    public int unit(ByteBuf in) {
      int from = in.readerIndex();
      int to = Math.min(in.writerIndex(), from + LONGEST_UNIT);
      int next = measure(in, from, to);
      if (next < 0) {
        return to - from < LONGEST_UNIT ? 0 : -1;
      }
      lifted = outstanding.remove();
      return next - from;
    }

    private int measure(ByteBuf in, int from, int to) {
      MultiLine whole = new MultiLine();
      int next = whole.lineEnd(in, from, to);
      if (next < 0 || outstanding.element() == AnswerKind.REFUSED || in.getByte(from) != '+') {
        return next;
      }
      whole.beginBody();
      return whole.bodyEnd(in, next, to);
    }
  }
}
