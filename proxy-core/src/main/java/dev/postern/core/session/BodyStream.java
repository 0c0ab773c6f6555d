package dev.postern.core.session;

import dev.postern.core.protocol.BodyPrefix;
import dev.postern.core.wire.BodyFraming;
import dev.postern.core.wire.BodyOutcome;
import dev.postern.core.wire.DotScanner;
import dev.postern.core.wire.Framer;
import dev.postern.core.wire.NewlineNormalizer;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A message body on its way from the client to the backend: where it is, and how it ended. */
final class BodyStream {
  /** No octet, and not the end either. */
  static final int UNKNOWN = -2;

  private static final int END_OF_DATA = ".\r\n".length();

  private final @Nullable DotScanner scanner;
  private final @Nullable NewlineNormalizer normalizer;
  private final boolean discarded;
  private final long count;
  private final long most;
  private long passed;
  private boolean held;
  private boolean owed;
  private @Nullable ByteBuf rewritten;

  BodyStream(BodyFraming framing) {
    switch (framing) {
      case BodyFraming.DotTerminated dot -> {
        scanner = dot.normalize() ? null : new DotScanner();
        normalizer = dot.normalize() ? new NewlineNormalizer() : null;
        discarded = false;
        count = 0;
        most = dot.most();
      }
      case BodyFraming.Counted counted -> {
        scanner = null;
        normalizer = null;
        discarded = false;
        count = counted.count();
        most = Long.MAX_VALUE;
      }
      case BodyFraming.Discarded nowhere -> {
        scanner = null;
        normalizer = null;
        discarded = true;
        count = nowhere.count();
        most = Long.MAX_VALUE;
      }
    }
  }

  /**
   * Returns the octet that a body begins with once the backend has taken the dot away that was
   * stuffed in front of it (RFC 5321 §4.5.2); {@link #UNKNOWN} when it has not come.
   *
   * @param in all that has come
   */
  int first(ByteBuf in) {
    int at = in.readerIndex();
    if (!in.isReadable()) {
      return BodyPrefix.NO_OCTET;
    }
    int first = in.getUnsignedByte(at);
    if (first != '.' || (scanner == null && normalizer == null)) {
      return first;
    }
    return in.readableBytes() > 1 ? in.getUnsignedByte(at + 1) : UNKNOWN;
  }

  /** Returns how many of the octets at hand belong to the body, its end included. */
  int advance(ByteBuf in) {
    int n = 0;
    boolean holds = false;
    if (normalizer != null) {
      if (in.isReadable()) {
        ByteBuf out = in.alloc().buffer(in.readableBytes() + in.readableBytes() / 8 + 16);
        n = normalizer.normalize(in, out);
        rewritten = out;
      }
    } else if (scanner != null) {
      n = in.isReadable() ? scanner.scan(in) : 0;
      holds = scanner.holdsCr();
    } else {
      n = (int) Math.min(count - passed, in.readableBytes());
    }
    // what follows a held CR and belongs to the body can only be LF
    owed = held && n > 0;
    passed += n + (owed ? 1 : 0) - (holds && n > 0 ? 1 : 0);
    held = holds;
    return n;
  }

  /**
   * Says whether what the last {@link #advance} has found comes behind a CR that was held back, and
   * is to be passed on first.
   */
  boolean owesCr() {
    return owed;
  }

  /**
   * Takes what the last {@link #advance} has found, as the backend is to get it: without a CR that
   * is held back.
   *
   * @param count what it returned, at least 1
   */
  ByteBuf take(Framer framer, int count) {
    ByteBuf out = rewritten;
    if (out == null) {
      return held ? takeAllButLast(framer, count) : framer.takeRetained(count);
    }
    rewritten = null;
    framer.skip(count);
    return out;
  }

  private static ByteBuf takeAllButLast(Framer framer, int count) {
    ByteBuf out = count > 1 ? framer.takeRetained(count - 1) : Unpooled.EMPTY_BUFFER;
    framer.skip(1);
    return out;
  }

  /** Drops what the last {@link #advance} has found. */
  void drop(Framer framer, int count) {
    framer.skip(count);
    release();
  }

  /** Lets go of what was not taken. */
  void release() {
    ReferenceCountUtil.release(rewritten);
    rewritten = null;
  }

  /** Says whether the backend gets nothing of the body. */
  boolean isDiscarded() {
    return discarded;
  }

  /** Says whether there is more of the body than may be passed on. */
  boolean isTooLarge() {
    return passed - END_OF_DATA > most;
  }

  /** Returns how the body ended; null while it has not. */
  @Nullable BodyOutcome outcome() {
    if (scanner != null) {
      return outcome(scanner.isDone(), scanner.violation(), null);
    }
    if (normalizer != null) {
      return outcome(normalizer.isDone(), normalizer.violation(), normalizer.normalized());
    }
    return passed == count ? new BodyOutcome.Complete(passed) : null;
  }

  private @Nullable BodyOutcome outcome(
      boolean done, @Nullable WireViolation violation, @Nullable WireViolation normalized) {
    if (isTooLarge()) {
      return done || violation != null || passed / 2 > most
          ? new BodyOutcome.TooLarge(passed)
          : null;
    }
    if (violation != null) {
      return new BodyOutcome.Violated(violation, passed);
    }
    return done
        ? new BodyOutcome.Complete(passed - END_OF_DATA, Optional.ofNullable(normalized))
        : null;
  }
}
