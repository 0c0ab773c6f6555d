package dev.postern.core.snapshot;

import java.time.Duration;

/**
 * Bounds on what a client may do.
 *
 * @param lineLength longest command line before login, and of SMTP always, in octets, CRLF included
 * @param literalSize largest literal before login, in octets
 * @param literalCount most literals in one command before login
 * @param preLoginOctets most octets before login in all
 * @param badCommands most bad commands that are answered; the next one ends the session
 * @param pipelinedCommands most commands answered by neither side before no more are read
 * @param handshakeDeadline time for the TLS handshake
 * @param loginDeadline time from the connection to the login
 * @param idleTimeout time without traffic in either direction after login
 * @param connections most sessions at once
 * @param connectionsPerAddress most sessions at once of one client address (IPv6: of one /64)
 * @param handshakesPerAddress most TLS handshakes in progress at once of one client address (IPv6:
 *     of one /64)
 * @param failedLoginDelay how long the answer to a failed login is held back
 * @param backendDeadline time to connect to a backend
 * @param drainDeadline time between the request to shut down and the hard stop
 * @param submission bounds on the submission of messages
 */
public record Limits(
    int lineLength,
    int literalSize,
    int literalCount,
    long preLoginOctets,
    int badCommands,
    int pipelinedCommands,
    Duration handshakeDeadline,
    Duration loginDeadline,
    Duration idleTimeout,
    int connections,
    int connectionsPerAddress,
    int handshakesPerAddress,
    Duration failedLoginDelay,
    Duration backendDeadline,
    Duration drainDeadline,
    SubmissionLimits submission) {

  /** The limits of a configuration that says nothing. */
  public static final Limits DEFAULT =
      new Limits(
          8192,
          4096,
          4,
          65536,
          10,
          100,
          Duration.ofSeconds(30),
          Duration.ofMinutes(3),
          Duration.ofMinutes(35),
          20_000,
          200,
          100,
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          SubmissionLimits.DEFAULT);
}
