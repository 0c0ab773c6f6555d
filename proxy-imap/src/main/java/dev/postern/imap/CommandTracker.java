package dev.postern.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.postern.core.wire.Relay;
import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;

/**
 * Follows the client's commands (RFC 9051 §6) as strictly as a backend may: a command passes as it
 * comes once its tag and name are known, except those that the proxy answers.
 *
 * <p>Two parsers that differ are a way to smuggle. So the framing is given up where a backend might
 * see it otherwise: a NUL, a bare CR or LF, a marker in an unfinished quoted string or glued to an
 * atom, and a non-synchronizing literal behind a command that takes none or is not known, which
 * backends throw away by the line. And where the client must wait for the backend - behind a
 * synchronizing literal's marker, behind IDLE - its octets rest until the backend has said whether
 * they are a literal, a DONE, or the next command.
 */
final class CommandTracker implements Relay.Direction {
  private static final byte[] ID = "ID".getBytes(US_ASCII);
  private static final byte[] IDLE = "IDLE".getBytes(US_ASCII);
  private static final byte[] LOGIN = "LOGIN".getBytes(US_ASCII);
  private static final byte[] LOGOUT = "LOGOUT".getBytes(US_ASCII);
  private static final byte[] STARTTLS = "STARTTLS".getBytes(US_ASCII);
  private static final byte[] COMPRESS = "COMPRESS".getBytes(US_ASCII);
  private static final byte[] AUTHENTICATE = "AUTHENTICATE".getBytes(US_ASCII);
  private static final byte[] UNAUTHENTICATE = "UNAUTHENTICATE".getBytes(US_ASCII);
  private static final byte[] DONE = "DONE\r\n".getBytes(US_ASCII);

  /** Tag, name and the spaces between; longer ones are no client's. */
  private static final int LONGEST_HEAD = 256;

  private enum Phase {
    /** A command may begin. */
    START,
    /** In a line of a command. */
    LINE,
    /** In a literal. */
    LITERAL,
    /** A synchronizing literal is announced; the backend has not answered. */
    LITERAL_ASKED,
    /** IDLE is sent; the backend has not answered. */
    IDLE_ASKED,
    /** The backend idles; DONE is expected. */
    IDLING,
    /** The framing is lost. */
    LOST
  }

  private enum Verdict {
    HOLD,
    LIFT,
    PASS,
    LOST
  }

  private final ImapRelay relay;
  private final LiteralMarker marker = new LiteralMarker();
  private final ByteProcessor line = this::inLine;
  private final byte[] tag = new byte[LONGEST_HEAD];
  private int tagLength;
  private Phase phase = Phase.START;
  private long literal;
  private boolean idle;
  private boolean takesLiterals;
  private boolean quoted;
  private boolean escaped;
  private boolean misquoted;
  private byte previous;
  private boolean loggingOut;

  CommandTracker(ImapRelay relay) {
    this.relay = relay;
  }

  boolean betweenCommands() {
    return phase == Phase.START;
  }

  boolean idling() {
    return phase == Phase.IDLING;
  }

  boolean loggingOut() {
    return loggingOut;
  }

  /** The backend asks for more. */
  void continued() {
    if (phase == Phase.LITERAL_ASKED) {
      beginLiteral();
    } else if (phase == Phase.IDLE_ASKED) {
      phase = Phase.IDLING;
    }
  }

  /**
   * The backend answers a command; the one that waits for it is over then, whatever was to come.
   */
  void answered(ByteBuf in, int from, int length) {
    boolean waits =
        phase == Phase.LITERAL_ASKED || phase == Phase.IDLE_ASKED || phase == Phase.IDLING;
    if (waits && Octets.equal(in, from, length, tag, tagLength)) {
      phase = Phase.START;
    }
  }

  @Override
  public int pass(ByteBuf in) {
    int start = in.readerIndex();
    int end = in.writerIndex();
    int at = start;
    while (at < end) {
      switch (phase) {
        case START -> {
          switch (judge(in, at, end)) {
            case HOLD, LIFT -> {
              return at - start;
            }
            case PASS -> {
              relay.sent();
              beginLine();
            }
            case LOST -> phase = Phase.LOST;
          }
        }
        case LINE -> {
          int next = line(in, at, end);
          if (next == at) {
            return at - start;
          }
          at = next;
        }
        case LITERAL -> {
          int step = (int) Math.min(literal, end - at);
          at += step;
          literal -= step;
          if (literal == 0) {
            beginLine();
          }
        }
        case IDLING -> {
          switch (Octets.begin(in, at, end, DONE)) {
            case YES -> {
              at += DONE.length;
              phase = Phase.START;
            }
            case NO -> phase = Phase.LOST;
            case OPEN -> {
              return at - start;
            }
          }
        }
        case LITERAL_ASKED, IDLE_ASKED, LOST -> {
          return at - start;
        }
      }
    }
    return at - start;
  }

  @Override
  public int unit(ByteBuf in) {
    return switch (phase) {
      case LOST -> -1;
      case START ->
          switch (judge(in, in.readerIndex(), in.writerIndex())) {
            case LIFT -> WholeUnit.measure(in, true);
            case LOST -> -1;
            case HOLD, PASS -> 0;
          };
      case LINE, LITERAL, LITERAL_ASKED, IDLE_ASKED, IDLING -> 0;
    };
  }

  /** Reads tag and name, remembers them, and says what becomes of the command. */
  private Verdict judge(ByteBuf in, int at, int end) {
    int afterTag = at;
    while (afterTag < end && Cursor.isTagChar(in.getByte(afterTag))) {
      afterTag++;
    }
    if (afterTag - at > LONGEST_HEAD) {
      return Verdict.LOST;
    }
    if (afterTag == end) {
      return Verdict.HOLD;
    }
    if (afterTag == at || in.getByte(afterTag) != ' ') {
      // No tag, or a tag alone: to be answered by the dialogue.
      return Verdict.LIFT;
    }
    int name = afterTag + 1;
    int afterName = name;
    while (afterName < end && isNameChar(in.getByte(afterName))) {
      afterName++;
    }
    if (afterName - at > LONGEST_HEAD) {
      return Verdict.LOST;
    }
    if (afterName == end) {
      return Verdict.HOLD;
    }
    byte delimiter = in.getByte(afterName);
    int length = afterName - name;
    if (length == 0 || (delimiter != ' ' && delimiter != '\r') || isProxys(in, name, length)) {
      return Verdict.LIFT;
    }
    tagLength = afterTag - at;
    in.getBytes(at, tag, 0, tagLength);
    idle = Octets.are(in, name, length, IDLE);
    loggingOut |= Octets.are(in, name, length, LOGOUT);
    takesLiterals = LiteralCommands.include(in, name, length);
    return Verdict.PASS;
  }

  private static boolean isNameChar(byte octet) {
    return (octet >= 'A' && octet <= 'Z')
        || (octet >= 'a' && octet <= 'z')
        || (octet >= '0' && octet <= '9')
        || octet == '-'
        || octet == '_'
        || octet == '.';
  }

  private static boolean isProxys(ByteBuf in, int name, int length) {
    return switch (length) {
      case 2 -> Octets.are(in, name, length, ID);
      case 5 -> Octets.are(in, name, length, LOGIN);
      case 8 -> Octets.are(in, name, length, STARTTLS) || Octets.are(in, name, length, COMPRESS);
      case 12 -> Octets.are(in, name, length, AUTHENTICATE);
      case 14 -> Octets.are(in, name, length, UNAUTHENTICATE);
      default -> false;
    };
  }

  private void beginLine() {
    phase = Phase.LINE;
    marker.reset();
    quoted = false;
    escaped = false;
    misquoted = false;
    previous = ' ';
  }

  private void beginLiteral() {
    if (literal == 0) {
      beginLine();
    } else {
      phase = Phase.LITERAL;
    }
  }

  /**
   * Goes on to the end of the line, or of what is here; stays where more is needed, or the framing
   * is lost.
   */
  private int line(ByteBuf in, int at, int end) {
    int stop = in.forEachByte(at, end - at, line);
    if (stop < 0) {
      return end;
    }
    if (in.getByte(stop) != '\r') {
      phase = Phase.LOST;
      return stop;
    }
    if (stop + 1 == end) {
      return stop;
    }
    if (in.getByte(stop + 1) != '\n' || !endLine()) {
      phase = Phase.LOST;
      return stop;
    }
    return stop + 2;
  }

  /** Takes an octet of a line; false at those that end it or must not be in it. */
  private boolean inLine(byte octet) {
    if (octet == '\r' || octet == '\n' || octet == 0) {
      return false;
    }
    marker.feed(octet);
    if (escaped) {
      escaped = false;
    } else if (quoted && octet == '\\') {
      escaped = true;
    } else if (octet == '"') {
      misquoted |= !quoted && previous != ' ' && previous != '(';
      quoted = !quoted;
    }
    previous = octet;
    return true;
  }

  /** Finds out what follows the line; false when that cannot be told for sure. */
  private boolean endLine() {
    if (!marker.announces()) {
      phase = idle ? Phase.IDLE_ASKED : Phase.START;
      return true;
    }
    literal = marker.size();
    if (quoted || misquoted || !marker.delimited() || literal == Long.MAX_VALUE) {
      return false;
    }
    if (marker.synchronizing()) {
      phase = Phase.LITERAL_ASKED;
      return true;
    }
    beginLiteral();
    return takesLiterals;
  }
}
