package dev.postern.imap;

import dev.postern.core.wire.Relay;
import io.netty.buffer.ByteBuf;

/** Finds the end of a command or response that is lifted out whole. */
enum WholeUnit {
  /** A line in which braces mean nothing. */
  LINE,
  /** A command; one that announces a synchronizing literal ends there, for it will be refused. */
  COMMAND,
  /** Data of the backend's. */
  DATA;

  /**
   * Measures from the reader index.
   *
   * @param in the unit, or a part
   * @return octets, final CRLF included; 0 when more are needed; -1 when there are too many, or a
   *     line feed stands alone
   */
  int measure(ByteBuf in) {
    int from = in.readerIndex();
    int end = in.writerIndex();
    LiteralMarker marker = new LiteralMarker();
    int at = from;
    while (at < end) {
      int feed = in.indexOf(at, end, (byte) '\n');
      if (feed < 0) {
        break;
      }
      marker.feed(in, at, feed);
      if (!marker.endsInCr()) {
        return -1;
      }
      if (!literalFollows(marker)) {
        int length = feed + 1 - from;
        return length > Relay.LONGEST_UNIT ? -1 : length;
      }
      if (marker.size() > Relay.LONGEST_UNIT) {
        return -1;
      }
      at = feed + 1 + (int) marker.size();
      marker.reset();
    }
    return Math.max(at, end) - from >= Relay.LONGEST_UNIT ? -1 : 0;
  }

  private boolean literalFollows(LiteralMarker marker) {
    return switch (this) {
      case LINE -> false;
      case COMMAND -> marker.announces() && !marker.synchronizing();
      case DATA -> marker.announces();
    };
  }
}
