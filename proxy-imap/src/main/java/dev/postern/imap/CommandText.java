package dev.postern.imap;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Arrays;

/**
 * A command before login as far as it has come, literals in place as on the wire. May hold a
 * password: never shown.
 */
final class CommandText {
  private final byte[] octets;
  private final int literals;
  private final LiteralMarker marker;

  private CommandText(byte[] octets, int literals, LiteralMarker marker) {
    this.octets = octets;
    this.literals = literals;
    this.marker = marker;
  }

  /** Begins a command with its first line. */
  static CommandText of(ByteBuf line) {
    return new CommandText(ByteBufUtil.getBytes(line), 0, markerOf(line));
  }

  /** Adds the literal that the text announces. */
  CommandText literal(ByteBuf literal) {
    byte[] all = Arrays.copyOf(octets, octets.length + 2 + literal.readableBytes());
    all[octets.length] = '\r';
    all[octets.length + 1] = '\n';
    literal.getBytes(literal.readerIndex(), all, octets.length + 2, literal.readableBytes());
    return new CommandText(all, literals + 1, new LiteralMarker());
  }

  /** Adds the line that follows a literal. */
  CommandText line(ByteBuf line) {
    byte[] all = Arrays.copyOf(octets, octets.length + line.readableBytes());
    line.getBytes(line.readerIndex(), all, octets.length, line.readableBytes());
    return new CommandText(all, literals, markerOf(line));
  }

  /** Returns what the end of the text says about a literal to come. */
  LiteralMarker marker() {
    return marker;
  }

  /** Says whether a literal follows. */
  boolean announcesLiteral() {
    return marker.announces() && marker.delimited();
  }

  /** Returns the number of literals in the text. */
  int literals() {
    return literals;
  }

  Cursor cursor() {
    return new Cursor(octets);
  }

  private static LiteralMarker markerOf(ByteBuf line) {
    LiteralMarker marker = new LiteralMarker();
    marker.feed(line, line.readerIndex(), line.writerIndex());
    return marker;
  }

  @Override
  public String toString() {
    return "CommandText[***]";
  }
}
