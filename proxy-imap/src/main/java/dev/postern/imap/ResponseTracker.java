package dev.postern.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.postern.core.wire.Relay;
import dev.postern.imap.Octets.Match;
import io.netty.buffer.ByteBuf;

/**
 * Follows the backend's responses (RFC 9051 §7). Work is done at the beginning of each line, where
 * a few octets are looked at, and at its end; a literal is stepped over, and what is between is
 * searched for the line feed alone.
 *
 * <p>Lifted out are {@code CAPABILITY} data and codes, {@code ID} data, and tagged responses that
 * the proxy replaces. A tagged line waits until it is whole, other lines until they are told apart.
 * A continuation request that nobody waits for means that the backend takes for a command, or for
 * its end, what was none: the framing is lost.
 */
final class ResponseTracker implements Relay.Direction {
  private static final byte[] CAPABILITY = "* CAPABILITY".getBytes(US_ASCII);
  private static final byte[] ID = "* ID ".getBytes(US_ASCII);
  private static final byte[] OK = "* OK".getBytes(US_ASCII);
  private static final byte[] OK_CAPABILITY = "* OK [CAPABILITY".getBytes(US_ASCII);
  private static final byte[] NO = "* NO".getBytes(US_ASCII);
  private static final byte[] BAD = "* BAD".getBytes(US_ASCII);
  private static final byte[] BYE = "* BYE".getBytes(US_ASCII);
  private static final byte[] TAGGED_OK_CAPABILITY = " OK [CAPABILITY".getBytes(US_ASCII);

  private enum Phase {
    /** At the beginning of a response. */
    START,
    /** In a line of data, which may end by announcing a literal. */
    DATA,
    /** In a line of text, in which braces mean nothing. */
    TEXT,
    /** In a literal. */
    LITERAL,
    /** The framing is lost. */
    LOST
  }

  private enum Verdict {
    HOLD,
    LIFT,
    DATA,
    TEXT,
    LOST
  }

  private final ImapRelay relay;
  private final LiteralMarker marker = new LiteralMarker();
  private Phase phase = Phase.START;
  private long literal;
  private boolean bye;

  ResponseTracker(ImapRelay relay) {
    this.relay = relay;
  }

  boolean atStart() {
    return phase == Phase.START;
  }

  boolean saidBye() {
    return bye;
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
            case DATA -> phase = Phase.DATA;
            case TEXT -> {
              passes(in, at, end);
              phase = Phase.TEXT;
            }
            case LOST -> phase = Phase.LOST;
          }
        }
        case DATA, TEXT -> at = line(in, at, end);
        case LITERAL -> {
          int step = (int) Math.min(literal, end - at);
          at += step;
          literal -= step;
          if (literal == 0) {
            phase = Phase.DATA;
          }
        }
        case LOST -> {
          return at - start;
        }
      }
    }
    return at - start;
  }

  /** Goes on to the end of the line, or of what is here. */
  private int line(ByteBuf in, int at, int end) {
    int feed = in.indexOf(at, end, (byte) '\n');
    if (feed < 0) {
      marker.feed(in, at, end);
      return end;
    }
    marker.feed(in, at, feed);
    if (!marker.endsInCr()) {
      marker.feed((byte) '\n');
      return feed + 1;
    }
    if (phase == Phase.TEXT || !marker.announces()) {
      phase = Phase.START;
    } else if (marker.size() == Long.MAX_VALUE) {
      phase = Phase.LOST;
      return feed;
    } else if (marker.size() > 0) {
      literal = marker.size();
      phase = Phase.LITERAL;
    }
    marker.reset();
    return feed + 1;
  }

  @Override
  public int unit(ByteBuf in) {
    if (phase == Phase.LOST) {
      return -1;
    }
    return switch (judge(in, in.readerIndex(), in.writerIndex())) {
      case LIFT -> lift(in);
      case LOST -> -1;
      case HOLD, DATA, TEXT -> 0;
    };
  }

  private int lift(ByteBuf in) {
    int from = in.readerIndex();
    boolean data = in.getByte(from) == '*' && Octets.upper(in.getByte(from + 2)) != 'O';
    int length = (data ? WholeUnit.DATA : WholeUnit.LINE).measure(in);
    if (length <= 0) {
      return length;
    }
    switch (in.getByte(from)) {
      case '*' -> {}
      case '+' -> relay.continued();
      default -> relay.answered(in, from, tagLength(in, from, from + length));
    }
    return length;
  }

  private Verdict judge(ByteBuf in, int at, int end) {
    byte first = in.getByte(at);
    if (first == '+') {
      return relay.holdsLiteral()
          ? Verdict.LIFT
          : relay.awaitsContinuation() ? Verdict.TEXT : Verdict.LOST;
    }
    return first == '*' ? judgeUntagged(in, at, end) : judgeTagged(in, at, end);
  }

  private static Verdict judgeUntagged(ByteBuf in, int at, int end) {
    if (end - at < 3) {
      return Verdict.HOLD;
    }
    return switch (Octets.upper(in.getByte(at + 2))) {
      case 'C' -> verdict(Octets.begin(in, at, end, CAPABILITY), Verdict.LIFT);
      case 'I' -> verdict(Octets.begin(in, at, end, ID), Verdict.LIFT);
      case 'N' -> verdict(Octets.begin(in, at, end, NO), Verdict.TEXT);
      case 'B' -> {
        Verdict bad = verdict(Octets.begin(in, at, end, BAD), Verdict.TEXT);
        yield bad == Verdict.DATA ? verdict(Octets.begin(in, at, end, BYE), Verdict.TEXT) : bad;
      }
      case 'O' -> {
        Verdict capability = verdict(Octets.begin(in, at, end, OK_CAPABILITY), Verdict.LIFT);
        yield capability == Verdict.DATA
            ? verdict(Octets.begin(in, at, end, OK), Verdict.TEXT)
            : capability;
      }
      default -> Verdict.DATA;
    };
  }

  private static Verdict verdict(Match match, Verdict ifYes) {
    return switch (match) {
      case YES -> ifYes;
      case NO -> Verdict.DATA;
      case OPEN -> Verdict.HOLD;
    };
  }

  private Verdict judgeTagged(ByteBuf in, int at, int end) {
    int feed = in.indexOf(at, end, (byte) '\n');
    if (feed < 0) {
      return end - at >= Relay.LONGEST_UNIT ? Verdict.LOST : Verdict.HOLD;
    }
    if (feed == at || in.getByte(feed - 1) != '\r') {
      return Verdict.LOST;
    }
    int tag = tagLength(in, at, feed);
    boolean lift =
        relay.replaces(in, at, tag)
            || Octets.begin(in, at + tag, feed, TAGGED_OK_CAPABILITY) == Match.YES;
    return lift ? Verdict.LIFT : Verdict.TEXT;
  }

  private static int tagLength(ByteBuf in, int at, int end) {
    int space = in.indexOf(at, end, (byte) ' ');
    return space < 0 ? 0 : space - at;
  }

  /** A line of text passes: tells what it means. */
  private void passes(ByteBuf in, int at, int end) {
    byte first = in.getByte(at);
    if (first == '+') {
      relay.continued();
    } else if (first != '*') {
      relay.answered(in, at, tagLength(in, at, end));
    } else if (Octets.begin(in, at, end, BYE) == Match.YES) {
      bye = true;
    }
  }
}
