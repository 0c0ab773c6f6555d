package dev.postern.core.protocol;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.tls.TlsMode;
import java.util.List;
import java.util.Set;

/**
 * What the core must know of a protocol without speaking it.
 *
 * @param name name of the protocol and of its backend in the configuration: {@code imap}, {@code
 *     pop3}, {@code submission}
 * @param services the services it provides
 * @param alpn ALPN protocol identifiers that clients may ask for
 * @param profiles the kinds of server that speak it and can be told who the client is, and {@link
 *     BackendProfile#PLAIN}
 * @param assumed what a backend is taken to offer until it has answered for the first time
 * @param withoutLogin whether there is anything that policy may let clients do without a login
 */
public record ProtocolInfo(
    String name,
    List<Service> services,
    Set<String> alpn,
    Set<BackendProfile> profiles,
    BackendOffer assumed,
    boolean withoutLogin) {

  /** A protocol that is of no use without a login. */
  public ProtocolInfo(
      String name,
      List<Service> services,
      Set<String> alpn,
      Set<BackendProfile> profiles,
      BackendOffer assumed) {
    this(name, services, alpn, profiles, assumed, false);
  }

  public ProtocolInfo {
    services = List.copyOf(services);
    alpn = Set.copyOf(alpn);
    profiles = Set.copyOf(profiles);
  }

  /**
   * A service as registered with IANA.
   *
   * @param name service name: {@code imaps}, {@code submission}, …
   * @param port registered port
   * @param mode how TLS comes to it
   * @param preauth whether its greeting can say that the client is logged in already, by what TLS
   *     told (IMAP {@code PREAUTH}, RFC 9051 §7.1.4)
   */
  public record Service(String name, int port, TlsMode mode, boolean preauth) {

    /** A service that every client logs in to. */
    public Service(String name, int port, TlsMode mode) {
      this(name, port, mode, false);
    }
  }
}
