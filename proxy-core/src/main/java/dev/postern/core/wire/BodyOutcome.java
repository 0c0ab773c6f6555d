package dev.postern.core.wire;

import java.util.Optional;

/** How the streaming of a message body ended. */
public sealed interface BodyOutcome {

  /**
   * The whole body was passed on, its end included.
   *
   * @param octets octets of the body as the client sent them, end-of-data not counted
   * @param normalized the first thing that was put right on the way; empty when nothing was
   */
  record Complete(long octets, Optional<WireViolation> normalized) implements BodyOutcome {
    /** It went as it came. */
    public Complete(long octets) {
      this(octets, Optional.empty());
    }
  }

  /**
   * The body is larger than it may be. The backend was left without an end of the body; the client
   * was heard out, unless it sent more than twice as much.
   *
   * @param octets octets that came
   */
  record TooLarge(long octets) implements BodyOutcome {}

  /**
   * The client broke the rules of a body; nothing after the violation was passed on, and no
   * end-of-data was.
   *
   * @param violation what it did
   * @param octets octets passed on before
   */
  record Violated(WireViolation violation, long octets) implements BodyOutcome {}
}
