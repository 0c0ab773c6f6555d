package dev.postern.core.wire;

/** How the streaming of a message body ended. */
public sealed interface BodyOutcome {

  /**
   * The whole body was passed on, its end included.
   *
   * @param octets octets of the body as the client sent them, end-of-data not counted
   */
  record Complete(long octets) implements BodyOutcome {}

  /**
   * The client broke the rules of a body; nothing after the violation was passed on, and no
   * end-of-data was.
   *
   * @param violation what it did
   * @param octets octets passed on before
   */
  record Violated(WireViolation violation, long octets) implements BodyOutcome {}
}
