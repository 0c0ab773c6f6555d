package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Lines to be written, CRLF included. */
final class Lines {
  private static final int CRLF = ('\r' << Byte.SIZE) | '\n';

  private Lines() {}

  /** Passes a line on with the CRLF that stands behind it, without copying. */
  static ByteBuf forward(ByteBuf line) {
    ByteBuf whole = line.retainedDuplicate();
    return whole.writerIndex(whole.writerIndex() + 2);
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
