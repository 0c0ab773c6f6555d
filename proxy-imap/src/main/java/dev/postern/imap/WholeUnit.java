package dev.postern.imap;

import io.netty.buffer.ByteBuf;

/** Finds the end of a command or response that is lifted out whole. */
final class WholeUnit {
  private WholeUnit() {}

  /**
   * Measures from the reader index.
   *
   * @param in the unit, or a part
   * @param command whether it is a command; one that announces a synchronizing literal ends there,
   *     for it will be refused
   * @return octets, final CRLF included; 0 when more are needed; -1 when there are too many, or a
   *     line feed stands alone
   */
  static int measure(ByteBuf in, boolean command) {
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
      if (!marker.announces() || (command && marker.synchronizing())) {
        int length = feed + 1 - from;
        return length > ImapRelay.LARGEST_UNIT ? -1 : length;
      }
      if (marker.size() > ImapRelay.LARGEST_UNIT) {
        return -1;
      }
      at = feed + 1 + (int) marker.size();
      marker.reset();
    }
    return at - from > ImapRelay.LARGEST_UNIT || end - from > ImapRelay.LARGEST_UNIT ? -1 : 0;
  }
}
