package dev.postern.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.postern.core.wire.Relay;
import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;

/**
 * Follows the client's commands (RFC 9051 §6): a command passes as it comes once its tag and name
 * are known, except those that the proxy answers.
 *
 * <p>Two parsers that differ are a way to smuggle. A backend that refuses a command throws the rest
 * of its line away; what was to be a non-synchronizing literal (RFC 7888) it then takes for
 * commands. So the proxy never guesses: it turns such a literal into a synchronizing one and lets
 * it pass when the backend has asked for it; when the backend answers otherwise, the literal and
 * what belongs to it are thrown away here. Likewise a client that does not wait where it must -
 * behind a synchronizing literal's marker, behind IDLE - is held until the backend has said whether
 * its octets are a literal, a DONE, or the next command. A NUL, a bare CR or a bare LF in a line
 * ends the session.
 *
 * <p>What the backend says must be about the command that waits, and nothing but order tells: a tag
 * may be used again while it is outstanding. So IDLE, and every command that announces a literal or
 * may still do so, is held until the backend has answered all that went before. It is held from its
 * beginning, for backends answer some commands before they have read the line. Pipelined commands
 * without literals pass at once.
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
    /** The same, and the literal comes unasked: the proxy made it a synchronizing one. */
    LITERAL_HELD,
    /** In a literal that the backend does not want. */
    LITERAL_DROPPED,
    /** In a line that belongs to a literal that the backend does not want. */
    LINE_DROPPED,
    /** IDLE is sent; the backend has not answered. */
    IDLE_ASKED,
    /** The backend idles; DONE is expected. */
    IDLING,
    /** The framing is lost. */
    LOST
  }

  /** What stands at a brace. */
  private enum Announced {
    /** Text. */
    NOTHING,
    /** The marker of a literal. */
    LITERAL,
    /** Not enough to tell. */
    OPEN,
    /** What servers take for one thing or the other. */
    LOST
  }

  /** What a lifted unit is. */
  enum Lifted {
    /** A command for the proxy. */
    COMMAND,
    /** The marker of a non-synchronizing literal. */
    MARKER,
    /** Something that nobody wants any more. */
    DROPPED
  }

  private enum Verdict {
    HOLD,
    LIFT,
    PASS,
    LOST
  }

  private final ImapRelay relay;
  private final LiteralMarker marker = new LiteralMarker();
  private final ByteProcessor plain = CommandTracker::isPlain;

  /** Of the command before; no longer than it has to be, for a session that waits has one too. */
  private byte[] tag = new byte[16];

  private int tagLength;
  private Phase phase = Phase.START;
  private Lifted lifted = Lifted.COMMAND;
  private long literal;
  private boolean idle;
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

  /** Says what the unit is that was lifted out last. */
  Lifted lifted() {
    return lifted;
  }

  /** Says whether the backend's next continuation request is for the proxy alone. */
  boolean holdsLiteral() {
    return phase == Phase.LITERAL_HELD;
  }

  /** Says whether a continuation request can be about anything that was sent. */
  boolean awaitsContinuation() {
    return phase == Phase.LITERAL_ASKED || phase == Phase.LITERAL_HELD || phase == Phase.IDLE_ASKED;
  }

  /** The backend asks for more; {@link #awaitsContinuation} has been asked before. */
  void continued() {
    if (phase == Phase.LITERAL_ASKED || phase == Phase.LITERAL_HELD) {
      phase = literal == 0 ? Phase.LINE : Phase.LITERAL;
    } else if (phase == Phase.IDLE_ASKED) {
      phase = Phase.IDLING;
    }
  }

  /**
   * The backend answers a command; the one that waits for it is over then, whatever was to come.
   */
  void answered(ByteBuf in, int from, int length) {
    if (!Octets.equal(in, from, length, tag, tagLength)) {
      return;
    }
    phase =
        switch (phase) {
          case LITERAL_ASKED, IDLE_ASKED, IDLING -> Phase.START;
          case LITERAL_HELD -> droppedLiteral();
          default -> phase;
        };
  }

  private Phase droppedLiteral() {
    marker.reset();
    return literal == 0 ? Phase.LINE_DROPPED : Phase.LITERAL_DROPPED;
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
              phase = Phase.LINE;
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
            phase = Phase.LINE;
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
        case LITERAL_ASKED, LITERAL_HELD, LITERAL_DROPPED, LINE_DROPPED, IDLE_ASKED, LOST -> {
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
            case LIFT -> lift(Lifted.COMMAND, WholeUnit.COMMAND.measure(in));
            case LOST -> -1;
            case HOLD, PASS -> 0;
          };
      case LINE -> heldMarker(in);
      case LITERAL_DROPPED -> dropLiteral(in);
      case LINE_DROPPED -> dropLine(in);
      case LITERAL, LITERAL_ASKED, LITERAL_HELD, IDLE_ASKED, IDLING -> 0;
    };
  }

  private int lift(Lifted what, int length) {
    lifted = what;
    return length;
  }

  /** In a line, octets wait only where a marker may begin, or at a CR whose LF is missing. */
  private int heldMarker(ByteBuf in) {
    int from = in.readerIndex();
    if (in.getByte(from) != '{'
        || readMarker(in, from, in.writerIndex()) != Announced.LITERAL
        || marker.synchronizing()) {
      return 0;
    }
    int length = in.indexOf(from, in.writerIndex(), (byte) '\n') + 1 - from;
    literal = marker.size();
    phase = isAnswered() ? droppedLiteral() : Phase.LITERAL_HELD;
    return lift(Lifted.MARKER, length);
  }

  private int dropLiteral(ByteBuf in) {
    int step = (int) Math.min(literal, in.readableBytes());
    literal -= step;
    if (literal == 0) {
      phase = Phase.LINE_DROPPED;
    }
    return lift(Lifted.DROPPED, step);
  }

  private int dropLine(ByteBuf in) {
    int from = in.readerIndex();
    int feed = in.indexOf(from, in.writerIndex(), (byte) '\n');
    int to = feed < 0 ? in.writerIndex() : feed;
    marker.feed(in, from, to);
    if (feed < 0) {
      return lift(Lifted.DROPPED, to - from);
    }
    if (!marker.endsInCr() || (marker.announces() && marker.size() == Long.MAX_VALUE)) {
      phase = Phase.LOST;
      return -1;
    }
    literal = marker.size();
    phase = marker.announces() && !marker.synchronizing() ? droppedLiteral() : Phase.START;
    return lift(Lifted.DROPPED, feed + 1 - from);
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
    idle = Octets.are(in, name, length, IDLE);
    if (idle && delimiter == ' ') {
      // A backend might idle nevertheless, and what looks like a literal would be its DONE.
      return Verdict.LIFT;
    }
    if (relay.outstanding() > 0 && (idle || mayAnnounceLiteral(in, afterName, end))) {
      return Verdict.HOLD;
    }
    tagLength = afterTag - at;
    if (tagLength > tag.length) {
      tag = new byte[LONGEST_HEAD];
    }
    in.getBytes(at, tag, 0, tagLength);
    loggingOut |= Octets.are(in, name, length, LOGOUT);
    return Verdict.PASS;
  }

  /** Says whether a line, as far as it is here, ends in a marker or may come to do so. */
  private boolean mayAnnounceLiteral(ByteBuf in, int from, int end) {
    int feed = in.indexOf(from, end, (byte) '\n');
    if (feed < 0) {
      return true;
    }
    marker.reset();
    marker.feed(in, from, feed);
    return marker.announces();
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

  /**
   * Goes on to the end of the line, or of what is here; stays where more is needed, or the framing
   * is lost.
   */
  private int line(ByteBuf in, int at, int end) {
    int stop = in.forEachByte(at, end - at, plain);
    if (stop < 0) {
      return end;
    }
    return switch (in.getByte(stop)) {
      case '{' -> marker(in, stop, end);
      case '\r' -> endOfLine(in, stop, end);
      default -> lost(stop);
    };
  }

  private int marker(ByteBuf in, int at, int end) {
    return switch (readMarker(in, at, end)) {
      case NOTHING -> at + 1;
      case OPEN -> at;
      case LOST -> lost(at);
      case LITERAL -> {
        if (!marker.synchronizing()) {
          yield at;
        }
        literal = marker.size();
        phase = isAnswered() ? Phase.START : Phase.LITERAL_ASKED;
        yield in.indexOf(at, end, (byte) '\n') + 1;
      }
    };
  }

  /**
   * Looks whether a brace and what follows up to the line feed announce a literal. More digits than
   * can be counted end the session: servers differ in what they make of them.
   */
  private Announced readMarker(ByteBuf in, int at, int end) {
    marker.reset();
    for (int i = at; i < end; i++) {
      byte octet = in.getByte(i);
      if (octet == '\n') {
        return marker.endsInCr() && marker.announces() && marker.size() < Long.MAX_VALUE
            ? Announced.LITERAL
            : Announced.LOST;
      }
      marker.feed(octet);
      if (!marker.mayAnnounce()) {
        return octet >= '0' && octet <= '9' ? Announced.LOST : Announced.NOTHING;
      }
    }
    return Announced.OPEN;
  }

  private int endOfLine(ByteBuf in, int at, int end) {
    if (at + 1 == end) {
      return at;
    }
    if (in.getByte(at + 1) != '\n') {
      return lost(at);
    }
    phase = idle && !isAnswered() ? Phase.IDLE_ASKED : Phase.START;
    return at + 2;
  }

  /**
   * Says whether the backend has answered the command that is being sent: no other was outstanding
   * when it began, if it waits for anything. Then the backend asks for none of its literals.
   */
  private boolean isAnswered() {
    return relay.outstanding() == 0;
  }

  private int lost(int at) {
    phase = Phase.LOST;
    return at;
  }

  private static boolean isPlain(byte octet) {
    return octet != '\r' && octet != '\n' && octet != 0 && octet != '{';
  }
}
