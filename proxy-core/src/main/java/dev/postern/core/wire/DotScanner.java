package dev.postern.core.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * Finds the end of a dot-terminated body, strictly (RFC 5321 §4.1.1.4): only CRLF "." CRLF ends it,
 * and a CR or LF on its own or a NUL is a violation, so that no backend can see the end elsewhere
 * (SMTP smuggling). For that a CR must not be passed on before LF is seen to follow: see {@link
 * #holdsCr()}. Dots stay stuffed.
 *
 * <pre>
 *             "."              CR                LF
 *   LINE_START ──▶ DOT ──────────▶ DOT_CR ────────────▶ DONE
 *     ▲  │ other    │ other
 *     │  ▼          ▼      CR          LF
 *     │  TEXT ◀──────     ────▶  CR ───────▶ LINE_START
 * </pre>
 */
public final class DotScanner {
  private enum At {
    LINE_START,
    DOT,
    DOT_CR,
    TEXT,
    CR,
    DONE
  }

  private static final long ONES = 0x0101010101010101L;
  private static final long HIGHS = 0x8080808080808080L;
  // octets below this one are looked at singly: NUL, LF and CR are among them
  private static final long FIRST_PLAIN = ONES * 0x0E;

  private At at = At.LINE_START;
  private @Nullable WireViolation violation;

  /**
   * Looks at the next octets.
   *
   * @param in octets behind those of the call before; its indices stay
   * @return how many of them belong to the body, its end and a CR that is held included; fewer than
   *     readable when {@link #isDone()} or {@link #violation()} says so
   */
  public int scan(ByteBuf in) {
    int from = in.readerIndex();
    int length = in.readableBytes();
    if (in.nioBufferCount() != 1) {
      return scanAll(in.nioBuffer().order(ByteOrder.LITTLE_ENDIAN), 0, length);
    }
    ByteBuffer nio = in.internalNioBuffer(from, length);
    ByteOrder order = nio.order();
    try {
      return scanAll(nio.order(ByteOrder.LITTLE_ENDIAN), nio.position(), length);
    } finally {
      nio.order(order);
    }
  }

  private int scanAll(ByteBuffer in, int start, int length) {
    int i = start;
    int end = start + length;
    while (i < end) {
      if (at == At.TEXT) {
        i = skipPlain(in, i, end);
        if (i == end) {
          break;
        }
      }
      At next = step(in.get(i));
      if (next == null) {
        return i - start;
      }
      at = next;
      i++;
      if (next == At.DONE) {
        break;
      }
    }
    return i - start;
  }

  /** Skips octets that can be neither NUL, CR nor LF, eight at a time. */
  private static int skipPlain(ByteBuffer in, int from, int end) {
    int i = from;
    for (; i <= end - Long.BYTES; i += Long.BYTES) {
      long word = in.getLong(i);
      // the highest bit of each octet below FIRST_PLAIN; the lowest one set is exact, and octets
      // above 0x7F never match
      long low = (word - FIRST_PLAIN) & ~word & HIGHS;
      if (low != 0) {
        return i + (Long.numberOfTrailingZeros(low) >>> 3);
      }
    }
    while (i < end && (in.get(i) & 0xFF) >= 0x0E) {
      i++;
    }
    return i;
  }

  private @Nullable At step(byte octet) {
    return switch (at) {
      case LINE_START -> octet == '.' ? At.DOT : text(octet);
      case DOT -> octet == '\r' ? At.DOT_CR : text(octet);
      case DOT_CR -> octet == '\n' ? At.DONE : violated(WireViolation.BARE_CR);
      case TEXT -> text(octet);
      case CR -> octet == '\n' ? At.LINE_START : violated(WireViolation.BARE_CR);
      case DONE -> throw new IllegalStateException("the body is over");
    };
  }

  private @Nullable At text(byte octet) {
    return switch (octet) {
      case '\r' -> At.CR;
      case '\n' -> violated(WireViolation.BARE_LF);
      case 0 -> violated(WireViolation.NUL);
      default -> At.TEXT;
    };
  }

  private @Nullable At violated(WireViolation what) {
    violation = what;
    return null;
  }

  /** Says whether the end of the body was found. */
  public boolean isDone() {
    return at == At.DONE;
  }

  /**
   * Says whether the last octet of the body so far is a CR that nobody may be given before the LF
   * that must follow. When something else follows, it is a violation, and the CR goes nowhere.
   */
  public boolean holdsCr() {
    return at == At.CR || at == At.DOT_CR;
  }

  /** Returns the first violation found; null while there is none. */
  public @Nullable WireViolation violation() {
    return violation;
  }
}
