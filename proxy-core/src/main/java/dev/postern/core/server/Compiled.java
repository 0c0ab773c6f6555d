package dev.postern.core.server;

import dev.postern.core.config.Configuration;
import dev.postern.core.session.Entrance;
import dev.postern.core.tls.ClientTrust;
import dev.postern.core.tls.ServerTls;
import dev.postern.core.upstream.Backend;
import java.util.List;
import java.util.Map;

/**
 * One configuration, compiled: everything that sessions get from it.
 *
 * @param configuration what it was compiled from
 * @param entrances what new sessions get, by the listener's name; a listener that begins with TLS
 *     has none while there is no certificate to begin with, and is then not bound
 * @param backends by protocol
 * @param certificates what became of reading each, by name
 * @param clients whose client certificates are accepted, by the listener's name, for those that ask
 * @param tls every context that was built; holds one reference to each
 */
record Compiled(
    Configuration configuration,
    Map<String, Entrance> entrances,
    Map<String, Backend> backends,
    Map<String, CertificateState> certificates,
    Map<String, ClientTrust> clients,
    List<ServerTls> tls) {

  /** Gives up the references; sessions that still need a context hold their own. */
  void retire() {
    tls.forEach(ServerTls::release);
  }
}
