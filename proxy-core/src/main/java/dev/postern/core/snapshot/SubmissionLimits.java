package dev.postern.core.snapshot;

import java.time.Duration;

/**
 * Bounds on the submission of messages (RFC 5321 §4.5.3).
 *
 * @param recipients most recipients of one message
 * @param messages most messages of one session
 * @param messageSize largest message as the client sends it, in octets; 0 leaves it to the backend
 * @param replyDeadline time that the client's next command, its next octets of a message, and each
 *     reply of the backend may take
 * @param verdictDeadline time until the backend's reply to a whole message
 */
public record SubmissionLimits(
    int recipients,
    int messages,
    long messageSize,
    Duration replyDeadline,
    Duration verdictDeadline) {

  /** The bounds of a configuration that says nothing; the deadlines are those of §4.5.3.2. */
  public static final SubmissionLimits DEFAULT =
      new SubmissionLimits(1000, 10_000, 0, Duration.ofMinutes(5), Duration.ofMinutes(10));
}
