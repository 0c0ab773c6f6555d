package dev.postern.core.config;

import dev.postern.core.policy.Network;
import dev.postern.core.tls.TlsMode;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * One address and port that clients connect to.
 *
 * @param name name of the listener, unique; in metrics, in the audit log and in rules
 * @param service name of the service, {@code imaps} for instance
 * @param protocol name of the protocol that provides the service
 * @param mode how TLS comes to the service
 * @param address where to listen; port 0 picks a free one
 * @param certificates names of the certificates to choose from; empty where there is none
 * @param tls versions, suites and the like
 * @param balancers whose connections begin with a PROXY header, which says who the client is;
 *     nobody else is served then. Empty where clients connect themselves
 */
public record ListenerSettings(
    String name,
    String service,
    String protocol,
    TlsMode mode,
    InetSocketAddress address,
    List<String> certificates,
    TlsSettings tls,
    List<Network> balancers) {

  public ListenerSettings {
    certificates = List.copyOf(certificates);
    balancers = List.copyOf(balancers);
  }
}
