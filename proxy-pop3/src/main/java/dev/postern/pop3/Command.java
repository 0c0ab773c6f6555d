package dev.postern.pop3;

import io.netty.buffer.ByteBuf;

/** The commands that the proxy itself must know, by their keywords. */
enum Command {
  APOP,
  AUTH,
  CAPA,
  LANG,
  LIST,
  NOOP,
  PASS,
  QUIT,
  RETR,
  STLS,
  TOP,
  UIDL,
  USER,
  UTF8,
  XCLIENT,
  /** A keyword that only the backend may know: letters, digits, hyphen and underscore. */
  OTHER,
  /** Not a keyword. Servers may disagree about where it begins and ends, so it is nobody's. */
  MALFORMED;

  private static final Command[] KNOWN = {
    APOP, AUTH, CAPA, LANG, LIST, NOOP, PASS, QUIT, RETR, STLS, TOP, UIDL, USER, UTF8, XCLIENT
  };

  /**
   * Finds the command of a line.
   *
   * @param from index of the line's first octet
   * @param to index behind the keyword, see {@link #keywordEnd}
   */
  static Command of(ByteBuf in, int from, int to) {
    for (Command c : KNOWN) {
      if (c.is(in, from, to)) {
        return c;
      }
    }
    return isKeyword(in, from, to) ? OTHER : MALFORMED;
  }

  /** Returns the index of the first space of a line, or of its end. */
  static int keywordEnd(ByteBuf in, int from, int to) {
    int space = in.indexOf(from, to, (byte) ' ');
    return space < 0 ? to : space;
  }

  private boolean is(ByteBuf in, int from, int to) {
    if (to - from != name().length()) {
      return false;
    }
    for (int i = 0; i < name().length(); i++) {
      if (upper(in.getByte(from + i)) != name().charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isKeyword(ByteBuf in, int from, int to) {
    for (int i = from; i < to; i++) {
      byte b = upper(in.getByte(i));
      if ((b < 'A' || b > 'Z') && (b < '0' || b > '9') && b != '-' && b != '_') {
        return false;
      }
    }
    return to > from;
  }

  private static byte upper(byte b) {
    return b >= 'a' && b <= 'z' ? (byte) (b - ('a' - 'A')) : b;
  }
}
