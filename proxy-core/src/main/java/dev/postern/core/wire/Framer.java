package dev.postern.core.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ByteProcessor;
import org.jspecify.annotations.Nullable;

/**
 * What a peer has sent and nobody has taken yet. Demand-driven: it interprets octets only when
 * asked for a line, and then only up to the end of that line, so nothing behind STARTTLS is ever
 * looked at as text.
 *
 * <p>Lines end in CRLF, strictly: a CR or LF alone and a NUL are violations. In the common case,
 * one read that holds one whole line, no octet is copied.
 */
public final class Framer {
  /** {@link #lineLength} has not found the end of the line yet. */
  public static final int INCOMPLETE = -1;

  /** {@link #lineLength} has found a {@link #violation()}. */
  public static final int VIOLATED = -2;

  private static final ByteProcessor FIND_NUL_CR_LF = b -> b != '\r' && b != '\n' && b != 0;

  private ByteBuf in = Unpooled.EMPTY_BUFFER;
  private int scanned;
  private @Nullable WireViolation violation;

  /**
   * Adds octets behind those still waiting.
   *
   * @param allocator for the rare case that octets must be joined
   * @param octets becomes the framer's
   */
  public void feed(ByteBufAllocator allocator, ByteBuf octets) {
    if (in.isReadable()) {
      in = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(allocator, in, octets);
    } else {
      in.release();
      in = octets;
    }
  }

  /** Returns the number of octets not yet taken. */
  public int readable() {
    return in.readableBytes();
  }

  /** Returns the octets not yet taken, for looking; the framer keeps them. */
  public ByteBuf peek() {
    return in;
  }

  /**
   * Looks for the end of a line.
   *
   * @param max longest line allowed, CRLF included, in octets
   * @return the line's length without CRLF, {@link #INCOMPLETE} or {@link #VIOLATED}
   */
  public int lineLength(int max) {
    int start = in.readerIndex();
    int from = start + scanned;
    int at = in.forEachByte(from, in.writerIndex() - from, FIND_NUL_CR_LF);
    if (at < 0) {
      scanned = in.readableBytes();
      return scanned >= max ? violated(WireViolation.LINE_TOO_LONG) : INCOMPLETE;
    }
    scanned = at - start;
    byte found = in.getByte(at);
    if (scanned + 2 > max) {
      return violated(WireViolation.LINE_TOO_LONG);
    }
    if (found == 0) {
      return violated(WireViolation.NUL);
    }
    if (found == '\n') {
      return violated(WireViolation.BARE_LF);
    }
    if (at + 1 == in.writerIndex()) {
      return INCOMPLETE;
    }
    return in.getByte(at + 1) == '\n' ? scanned : violated(WireViolation.BARE_CR);
  }

  private int violated(WireViolation what) {
    violation = what;
    return VIOLATED;
  }

  /** Returns what {@link #lineLength} objected to, after it has returned {@link #VIOLATED}. */
  public @Nullable WireViolation violation() {
    return violation;
  }

  /**
   * Takes octets as a slice. The slice shares the framer's reference count: it lives until {@link
   * #tidy}, unless retained.
   *
   * @param count from 0 to {@link #readable()}
   */
  public ByteBuf take(int count) {
    scanned = 0;
    return in.readSlice(count);
  }

  /**
   * Takes a line that {@link #lineLength} has found. Its CRLF is taken with it and stands right
   * behind the slice's writer index, so that the line can be passed on whole without copying.
   *
   * @param length of the line, without CRLF
   */
  public ByteBuf takeLine(int length) {
    ByteBuf whole = take(length + 2);
    return whole.writerIndex(length);
  }

  /**
   * Skips octets.
   *
   * @param count from 0 to {@link #readable()}
   */
  public void skip(int count) {
    scanned = 0;
    in.skipBytes(count);
  }

  /**
   * Takes octets with a reference of their own, without copying: all there are become the buffer
   * itself.
   *
   * @param count from 1 to {@link #readable()}
   * @return the caller's to release
   */
  public ByteBuf takeRetained(int count) {
    scanned = 0;
    if (count == in.readableBytes()) {
      ByteBuf all = in;
      in = Unpooled.EMPTY_BUFFER;
      return all;
    }
    return in.readRetainedSlice(count);
  }

  /**
   * Lets go of the buffer when all of it has been taken. Slices from {@link #take} must not be used
   * after it.
   */
  public void tidy() {
    if (!in.isReadable()) {
      clear();
    }
  }

  /** Drops everything that waits. */
  public void clear() {
    in.release();
    in = Unpooled.EMPTY_BUFFER;
    scanned = 0;
  }
}
