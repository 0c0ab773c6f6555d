package dev.postern.smtp;

/**
 * What does not change after login but by EHLO or HELO.
 *
 * @param session the session
 * @param backend what the backend offers on this connection
 * @param offered what the client may use of it: no more than its last EHLO was answered with
 * @param trace writes the trace field
 * @param largestMessage most octets that a client may declare; -1 when there is no limit
 */
record Login(
    Session session,
    Extensions backend,
    Extensions offered,
    TraceField trace,
    long largestMessage) {

  /** A backend has taken the client, which knows what was offered to it before. */
  static Login begin(Session session, Extensions backend, Client client) {
    return of(session, backend, session.offer(), client);
  }

  private static Login of(Session session, Extensions backend, Extensions shown, Client client) {
    TraceField trace = session.trace(client);
    return new Login(
        session,
        backend,
        offered(backend, shown, client),
        trace,
        Capabilities.largestMessage(
            backend.byKeyword().getOrDefault("SIZE", ""),
            trace.maximumLength(),
            session.limits().messageSize()));
  }

  private static Extensions offered(Extensions backend, Extensions shown, Client client) {
    if (!client.extended()) {
      return Extensions.NONE;
    }
    return backend.only(
        keyword ->
            keyword.equals("AUTH")
                ? !client.withoutLogin()
                : Capabilities.carries(shown, keyword) && Capabilities.carries(backend, keyword));
  }

  /** The client has introduced itself again. */
  Login introduced(Client client) {
    return of(session, backend, backend, client);
  }

  /** Says whether the client may send BDAT. */
  boolean takesChunks() {
    return offered.offers("CHUNKING");
  }

  /** Says whether the client may send BURL. */
  boolean takesUrls() {
    return offered.offers("BURL");
  }

  /**
   * Returns how many commands may wait for an answer at once: one, unless the backend offers
   * PIPELINING (RFC 2920).
   */
  int commandsInFlight() {
    return backend.offers("PIPELINING") ? session.terms().limits().pipelinedCommands() : 1;
  }
}
