package dev.postern.core.session;

import dev.postern.core.event.EventSink;
import dev.postern.core.protocol.MailProtocol;
import dev.postern.core.protocol.ProtocolInfo.Service;
import dev.postern.core.sasl.MasterUser;
import dev.postern.core.tls.ServerTls;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.upstream.Backend;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a session gets from the listener that accepted it.
 *
 * @param listener name of the listener
 * @param service the service provided there
 * @param protocol speaks to client and backend
 * @param snapshot the configuration in force when the client connected
 * @param tls null when there is no usable certificate: then STARTTLS is not offered (DEEP-9.2a)
 * @param backend where logins go
 * @param master who may log in there as any user
 * @param preauth whether a client whose certificate stands for a user is logged in without asking
 * @param failures what failed logins cost
 * @param handshakes those in progress, of all listeners
 * @param events hears of everything
 */
public record Entrance(
    String listener,
    Service service,
    MailProtocol protocol,
    Snapshot snapshot,
    @Nullable ServerTls tls,
    Backend backend,
    Optional<MasterUser> master,
    boolean preauth,
    FailedLogins failures,
    Handshakes handshakes,
    EventSink events) {
  public Entrance {
    if (tls == null && service.mode() == TlsMode.IMPLICIT) {
      throw new IllegalArgumentException(
          "a service that begins with TLS cannot be entered without: " + listener);
    }
  }
}
