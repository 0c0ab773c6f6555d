package dev.postern.smtp;

import io.netty.buffer.ByteBuf;

/**
 * The verb of a command. Verbs have at most eight letters, so one comparison of a long finds each.
 */
enum Verb {
  EHLO,
  HELO,
  MAIL,
  RCPT,
  DATA,
  BDAT,
  RSET,
  NOOP,
  QUIT,
  HELP,
  VRFY,
  EXPN,
  STARTTLS,
  AUTH,
  CLIENT,
  XCLIENT,
  XFORWARD,
  ETRN,
  BURL,
  /** Anything else. */
  UNKNOWN;

  private static final Verb[] ALL = values();

  private final long packed;

  Verb() {
    long p = 0;
    for (int i = 0; i < name().length() && i < Long.BYTES; i++) {
      p = (p << Byte.SIZE) | name().charAt(i);
    }
    packed = p;
  }

  /** Finds the verb that stands between two indexes of a buffer, in any case. */
  static Verb of(ByteBuf in, int from, int to) {
    if (to - from > Long.BYTES) {
      return UNKNOWN;
    }
    long p = 0;
    for (int i = from; i < to; i++) {
      byte b = in.getByte(i);
      p = (p << Byte.SIZE) | (upper(b) & 0xff);
    }
    for (Verb v : ALL) {
      if (v.packed == p && v != UNKNOWN) {
        return v;
      }
    }
    return UNKNOWN;
  }

  /** Turns a lower-case letter into its upper-case one. */
  static byte upper(byte b) {
    return b >= 'a' && b <= 'z' ? (byte) (b - 0x20) : b;
  }
}
