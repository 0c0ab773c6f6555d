package dev.postern.smtp;

/**
 * What does not change after login.
 *
 * @param session the session
 * @param backend what the backend offers on this connection
 */
record Login(Session session, Extensions backend) {

  /**
   * Returns how many commands may wait for an answer at once: one, unless the backend offers
   * PIPELINING (RFC 2920).
   */
  int commandsInFlight() {
    return backend.offers("PIPELINING") ? session.terms().limits().pipelinedCommands() : 1;
  }
}
