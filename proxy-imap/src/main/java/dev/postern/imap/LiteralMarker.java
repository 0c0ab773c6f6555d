package dev.postern.imap;

import io.netty.buffer.ByteBuf;

/**
 * Recognises, octet by octet, whether a line ends by announcing a literal: <code>{5}</code>, <code>
 * {5+}</code> (RFC 7888), <code>~{5}</code> (RFC 3516). It remembers just enough for a line that
 * comes in pieces.
 */
final class LiteralMarker {
  /** More digits, leading zeros included, make no marker. */
  private static final int MOST_DIGITS = 23;

  /** A marker is never longer: what is before it, brace, digits, {@code +}, brace, CR. */
  static final int LONGEST = MOST_DIGITS + 5;

  private static final int TEXT = 0;
  private static final int OPEN = 1;
  private static final int DIGITS = 2;
  private static final int PLUS = 3;
  private static final int CLOSED = 4;
  private static final int CR_AFTER_TEXT = 5;
  private static final int CR_AFTER_MARKER = 6;

  private int phase = TEXT;
  private long size;
  private int digits;
  private boolean synchronizing;
  private boolean delimited;
  private byte previous = ' ';

  /** Forgets the line. */
  void reset() {
    phase = TEXT;
    previous = ' ';
  }

  /** Takes the next octet of the line. */
  void feed(byte octet) {
    phase =
        switch (octet) {
          case '{' -> {
            delimited = previous == ' ' || previous == '(' || previous == '~';
            size = 0;
            digits = 0;
            yield OPEN;
          }
          case '}' -> closed();
          case '+' -> phase == DIGITS ? PLUS : TEXT;
          case '\r' -> phase == CLOSED ? CR_AFTER_MARKER : CR_AFTER_TEXT;
          case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> digit(octet - '0');
          default -> TEXT;
        };
    previous = octet;
  }

  /** Takes a piece of a line; looks only at its end, for nothing before it can matter. */
  void feed(ByteBuf in, int from, int to) {
    if (to - from > LONGEST) {
      reset();
    }
    for (int i = Math.max(from, to - LONGEST); i < to; i++) {
      feed(in.getByte(i));
    }
  }

  private int closed() {
    synchronizing = phase == DIGITS;
    return phase == DIGITS || phase == PLUS ? CLOSED : TEXT;
  }

  private int digit(int value) {
    if ((phase != OPEN && phase != DIGITS) || ++digits > MOST_DIGITS) {
      return TEXT;
    }
    size = size > (Long.MAX_VALUE - value) / 10 ? Long.MAX_VALUE : size * 10 + value;
    return DIGITS;
  }

  /** Says whether the last octet was the CR that a line feed may follow. */
  boolean endsInCr() {
    return phase == CR_AFTER_TEXT || phase == CR_AFTER_MARKER;
  }

  /** Says whether the line announces a literal; its CR may have been fed or not. */
  boolean announces() {
    return phase == CLOSED || phase == CR_AFTER_MARKER;
  }

  /** Says whether octets to come can still make it a marker, or it is one. */
  boolean mayAnnounce() {
    return phase != TEXT && phase != CR_AFTER_TEXT;
  }

  /**
   * Returns the octets of the announced literal; {@link Long#MAX_VALUE} stands for all that is too
   * large to count.
   */
  long size() {
    return size;
  }

  /** Says whether the client waits for a continuation request before it sends the literal. */
  boolean synchronizing() {
    return synchronizing;
  }

  /**
   * Says whether a space, a parenthesis or a tilde stood before the marker, as the grammar has it.
   */
  boolean delimited() {
    return delimited;
  }
}
