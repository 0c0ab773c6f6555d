package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Lines to be written, CRLF included. */
final class Lines {
  private static final int CRLF = ('\r' << Byte.SIZE) | '\n';

  private Lines() {}

  /**
   * Copies a line and ends it: for lines as short as commands are, that costs less than a composite
   * buffer.
   */
  static ByteBuf forward(ByteBuf line) {
    int n = line.readableBytes();
    return line.alloc().buffer(n + 2).writeBytes(line, line.readerIndex(), n).writeShort(CRLF);
  }

  /** Copies a line with the octets between two of its indexes replaced by a number. */
  static ByteBuf replaced(ByteBuf line, int from, int to, long number) {
    int start = line.readerIndex();
    ByteBuf out = line.alloc().buffer(line.readableBytes() + 22);
    out.writeBytes(line, start, from - start);
    out.writeCharSequence(Long.toString(number), ISO_8859_1);
    return out.writeBytes(line, to, line.writerIndex() - to).writeShort(CRLF);
  }

  /** Writes text whose characters are octets. */
  static ByteBuf octets(String lines) {
    return Unpooled.wrappedBuffer(lines.getBytes(ISO_8859_1));
  }

  /** Writes a line that ends in a secret; only the buffer holds it. */
  static ByteBuf secret(String before, byte[] secret) {
    ByteBuf out = Unpooled.buffer(before.length() + secret.length + 2);
    out.writeCharSequence(before, ISO_8859_1);
    return out.writeBytes(secret).writeShort(CRLF);
  }
}
