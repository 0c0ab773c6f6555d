package dev.postern.core.protocol;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.sasl.MasterUser;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What is known of a session when it begins.
 *
 * @param session identifier: 26 letters and digits, unique
 * @param service name of the service
 * @param mode how TLS comes to this listener
 * @param startTls whether STARTTLS would work now; false on implicit TLS
 * @param client the client's address and port
 * @param local the address and port that the client connected to
 * @param profile kind of backend
 * @param offer what the backend offers, as far as known
 * @param master who may log in at the backend as any user, for clients that need no password
 * @param preauth whether a client whose certificate stands for a user is logged in without asking
 */
public record SessionFacts(
    String session,
    String service,
    TlsMode mode,
    boolean startTls,
    InetSocketAddress client,
    InetSocketAddress local,
    BackendProfile profile,
    BackendOffer offer,
    Optional<MasterUser> master,
    boolean preauth) {

  /** Facts of a session to which client certificates mean nothing. */
  public SessionFacts(
      String session,
      String service,
      TlsMode mode,
      boolean startTls,
      InetSocketAddress client,
      InetSocketAddress local,
      BackendProfile profile,
      BackendOffer offer) {
    this(session, service, mode, startTls, client, local, profile, offer, Optional.empty(), false);
  }

  /**
   * Returns whom a client's certificate stands for, where that is a name that no backend can take
   * for more than one. Whether the backend takes a user without a password is for the protocol to
   * say.
   *
   * @param tls the client's channel
   */
  public static Optional<String> identity(Optional<TlsFacts> tls) {
    return tls.flatMap(TlsFacts::identity)
        .filter(name -> !name.isEmpty() && name.chars().noneMatch(Character::isISOControl));
  }
}
