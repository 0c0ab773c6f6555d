package dev.postern.core.wire;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds the end of a dot-terminated body as strictly as {@link DotScanner}, but makes CRLF of each
 * CR and LF of its own instead of objecting to it. What a lenient server would take for the end and
 * the client did not write as CRLF "." CRLF gets a second dot, so that it stays a line of the
 * message. NUL is still a violation.
 *
 * <pre>
 *   LINE_START      behind CRLF, as the client wrote it
 *   LINE_START_BARE behind a CR or LF that became CRLF
 *   DOT, DOT_BARE   the line so far is one dot, not written yet
 *   DOT_CR, DOT_BARE_CR
 *   TEXT, CR        within a line; CR not written yet
 * </pre>
 */
public final class NewlineNormalizer {
  private enum At {
    LINE_START,
    LINE_START_BARE,
    DOT,
    DOT_BARE,
    DOT_CR,
    DOT_BARE_CR,
    TEXT,
    CR,
    DONE
  }

  private static final short CRLF = ('\r' << Byte.SIZE) | '\n';

  private At at = At.LINE_START;
  private @Nullable WireViolation violation;
  private @Nullable WireViolation normalized;

  /**
   * Takes the next octets.
   *
   * @param in octets behind those of the call before; its indices stay
   * @param out what the backend gets is written there
   * @return how many of them belong to the body, its end included; fewer than readable when {@link
   *     #isDone()} or {@link #violation()} says so
   */
  public int normalize(ByteBuf in, ByteBuf out) {
    int from = in.readerIndex();
    int end = in.writerIndex();
    for (int i = from; i < end; i++) {
      byte octet = in.getByte(i);
      if (octet == 0) {
        violation = WireViolation.NUL;
        return i - from;
      }
      at = step(octet, out);
      if (at == At.DONE) {
        return i + 1 - from;
      }
    }
    return end - from;
  }

  private At step(byte octet, ByteBuf out) {
    return switch (at) {
      case LINE_START -> octet == '.' ? At.DOT : text(octet, out);
      case LINE_START_BARE -> octet == '.' ? At.DOT_BARE : text(octet, out);
      case DOT, DOT_BARE -> dot(octet, out);
      case DOT_CR -> octet == '\n' ? end(out) : dotLine(octet, out);
      case DOT_BARE_CR -> {
        if (octet == '\n') {
          out.writeByte('.').writeByte('.').writeShort(CRLF);
          yield At.LINE_START;
        }
        yield dotLine(octet, out);
      }
      case TEXT -> text(octet, out);
      case CR -> {
        out.writeShort(CRLF);
        if (octet == '\n') {
          yield At.LINE_START;
        }
        note(WireViolation.BARE_CR);
        yield octet == '.' ? At.DOT_BARE : text(octet, out);
      }
      case DONE -> throw new IllegalStateException("the body is over");
    };
  }

  private At dot(byte octet, ByteBuf out) {
    return switch (octet) {
      case '\r' -> at == At.DOT ? At.DOT_CR : At.DOT_BARE_CR;
      case '\n' -> {
        note(WireViolation.BARE_LF);
        out.writeByte('.').writeByte('.').writeShort(CRLF);
        yield At.LINE_START_BARE;
      }
      default -> {
        out.writeByte('.').writeByte(octet);
        yield At.TEXT;
      }
    };
  }

  /** A line of one dot ends in a CR of its own; the octet is the first of the next line. */
  private At dotLine(byte octet, ByteBuf out) {
    note(WireViolation.BARE_CR);
    out.writeByte('.').writeByte('.').writeShort(CRLF);
    return octet == '.' ? At.DOT_BARE : text(octet, out);
  }

  private At text(byte octet, ByteBuf out) {
    return switch (octet) {
      case '\r' -> At.CR;
      case '\n' -> {
        note(WireViolation.BARE_LF);
        out.writeShort(CRLF);
        yield At.LINE_START_BARE;
      }
      default -> {
        out.writeByte(octet);
        yield At.TEXT;
      }
    };
  }

  private static At end(ByteBuf out) {
    out.writeByte('.').writeShort(CRLF);
    return At.DONE;
  }

  private void note(WireViolation what) {
    if (normalized == null) {
      normalized = what;
    }
  }

  /** Says whether the end of the body was found. */
  public boolean isDone() {
    return at == At.DONE;
  }

  /** Returns what could not be mended; null while there is none. */
  public @Nullable WireViolation violation() {
    return violation;
  }

  /** Returns the first that was mended; null while there is none. */
  public @Nullable WireViolation normalized() {
    return normalized;
  }
}
