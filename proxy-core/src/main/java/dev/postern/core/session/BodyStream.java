package dev.postern.core.session;

import dev.postern.core.wire.BodyFraming;
import dev.postern.core.wire.BodyOutcome;
import dev.postern.core.wire.DotScanner;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** A message body on its way from the client to the backend: where it is, and how it ended. */
final class BodyStream {
  private static final int END_OF_DATA = ".\r\n".length();

  private final @Nullable DotScanner scanner;
  private final long count;
  private long passed;

  BodyStream(BodyFraming framing) {
    switch (framing) {
      case BodyFraming.DotTerminated dot -> {
        scanner = new DotScanner();
        count = 0;
      }
      case BodyFraming.Counted counted -> {
        scanner = null;
        count = counted.count();
      }
    }
  }

  /** Returns how many of the octets at hand belong to the body, its end included. */
  int advance(ByteBuf in) {
    int n =
        scanner == null
            ? (int) Math.min(count - passed, in.readableBytes())
            : in.isReadable() ? scanner.scan(in) : 0;
    passed += n;
    return n;
  }

  /** Returns how the body ended; null while it has not. */
  @Nullable BodyOutcome outcome() {
    if (scanner == null) {
      return passed == count ? new BodyOutcome.Complete(passed) : null;
    }
    WireViolation violation = scanner.violation();
    if (violation != null) {
      return new BodyOutcome.Violated(violation, passed);
    }
    return scanner.isDone() ? new BodyOutcome.Complete(passed - END_OF_DATA) : null;
  }
}
