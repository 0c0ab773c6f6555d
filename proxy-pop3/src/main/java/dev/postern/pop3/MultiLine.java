package dev.postern.pop3;

import io.netty.buffer.ByteBuf;

/**
 * Finds the end of a response, whatever pieces it comes in: CRLF for one line, CRLF "." CRLF for
 * several (RFC 1939 §3). Only CRLF ends a line. Stuffed dots need no undoing: a line of one dot is
 * the end, and nothing else is.
 */
final class MultiLine {
  private enum At {
    MIDDLE,
    CR,
    LINE_START,
    DOT,
    DOT_CR
  }

  private At at = At.MIDDLE;

  /** Begins in the middle of a line, as after the first octet of a status line. */
  void beginLine() {
    at = At.MIDDLE;
  }

  /** Begins at the first line behind a status line. */
  void beginBody() {
    at = At.LINE_START;
  }

  /**
   * Follows one line.
   *
   * @return index behind its CRLF; -1 when it does not end before {@code to}
   */
  int lineEnd(ByteBuf in, int from, int to) {
    int i = from;
    while (i < to) {
      int lf = in.indexOf(i, to, (byte) '\n');
      if (lf < 0) {
        at = in.getByte(to - 1) == '\r' ? At.CR : At.MIDDLE;
        return -1;
      }
      boolean crlf = lf > i ? in.getByte(lf - 1) == '\r' : at == At.CR;
      at = At.MIDDLE;
      i = lf + 1;
      if (crlf) {
        return i;
      }
    }
    return -1;
  }

  /**
   * Follows a body.
   *
   * @return index behind the final CRLF; -1 when it does not end before {@code to}
   */
  int bodyEnd(ByteBuf in, int from, int to) {
    int i = from;
    while (i < to) {
      if (at == At.MIDDLE || at == At.CR) {
        int end = lineEnd(in, i, to);
        if (end < 0) {
          return -1;
        }
        at = At.LINE_START;
        i = end;
        continue;
      }
      byte b = in.getByte(i++);
      if (at == At.DOT_CR && b == '\n') {
        return i;
      }
      at =
          switch (at) {
            case LINE_START -> b == '.' ? At.DOT : within(b);
            case DOT -> b == '\r' ? At.DOT_CR : At.MIDDLE;
            default -> within(b);
          };
    }
    return -1;
  }

  private static At within(byte b) {
    return b == '\r' ? At.CR : At.MIDDLE;
  }
}
