package dev.postern.pop3;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;

/**
 * Recognises a first line that belongs to another protocol: somebody uses a browser, or attacks
 * through one.
 */
final class ForeignProtocol {
  private static final AsciiString[] FIRST_WORDS = {
    AsciiString.cached("GET "),
    AsciiString.cached("POST "),
    AsciiString.cached("HEAD "),
    AsciiString.cached("PUT "),
    AsciiString.cached("DELETE "),
    AsciiString.cached("OPTIONS "),
    AsciiString.cached("CONNECT "),
    AsciiString.cached("PATCH "),
    AsciiString.cached("TRACE "),
    AsciiString.cached("PRI "),
    AsciiString.cached("EHLO "),
    AsciiString.cached("HELO "),
    AsciiString.cached("LHLO "),
    AsciiString.cached("SSH-")
  };

  private static final int LONGEST = 8;

  private ForeignProtocol() {}

  /** Says whether the first line of a client is no POP3. */
  static boolean speaks(ByteBuf line) {
    AsciiString start =
        new AsciiString(
            line.toString(line.readerIndex(), Math.min(LONGEST, line.readableBytes()), US_ASCII));
    for (AsciiString word : FIRST_WORDS) {
      if (start.regionMatches(true, 0, word, 0, word.length())) {
        return true;
      }
    }
    return false;
  }
}
