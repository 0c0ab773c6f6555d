package dev.postern.core.event;

import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Who an event is about.
 *
 * @param session identifier of the session, the same in log, audit, trace header and at the backend
 * @param service name of the service, {@code imaps} for instance
 * @param listener name of the listener
 * @param mode how TLS comes to this listener
 * @param client the client's address and port
 * @param local the address and port that the client connected to
 * @param tls the channel's TLS; empty before the handshake and on cleartext
 */
public record SessionContext(
    String session,
    String service,
    String listener,
    TlsMode mode,
    InetSocketAddress client,
    InetSocketAddress local,
    Optional<TlsFacts> tls) {

  /** Returns the same context after a handshake. */
  public SessionContext secured(TlsFacts facts) {
    return new SessionContext(session, service, listener, mode, client, local, Optional.of(facts));
  }
}
