package dev.postern.smtp;

/**
 * What does not change after login but by EHLO or HELO.
 *
 * @param session the session
 * @param backend what the backend offers on this connection
 * @param offered what the client may use of it: nothing after HELO, no AUTH without a login
 * @param trace writes the trace field
 * @param largestMessage most octets that a client may declare; -1 when there is no limit
 */
record Login(
    Session session,
    Extensions backend,
    Extensions offered,
    TraceField trace,
    long largestMessage) {

  static Login of(Session session, Extensions backend, Client client) {
    TraceField trace = session.trace(client);
    return new Login(
        session,
        backend,
        offered(backend, client),
        trace,
        Capabilities.largestMessage(
            backend.byKeyword().getOrDefault("SIZE", ""),
            trace.maximumLength(),
            session.limits().messageSize()));
  }

  private static Extensions offered(Extensions backend, Client client) {
    if (!client.extended()) {
      return Extensions.NONE;
    }
    return client.withoutLogin() ? backend.without("AUTH") : backend;
  }

  /** The client has introduced itself again. */
  Login introduced(Client client) {
    return of(session, backend, client);
  }

  /** Says whether BDAT can be sent to the backend. */
  boolean takesChunks() {
    return Capabilities.carries(backend, "CHUNKING");
  }

  /** Says whether BURL can be sent to the backend. */
  boolean takesUrls() {
    return Capabilities.carries(backend, "BURL");
  }

  /**
   * Returns how many commands may wait for an answer at once: one, unless the backend offers
   * PIPELINING (RFC 2920).
   */
  int commandsInFlight() {
    return backend.offers("PIPELINING") ? session.terms().limits().pipelinedCommands() : 1;
  }
}
