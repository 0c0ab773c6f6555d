package dev.postern.core.config;

import dev.postern.core.snapshot.Terms;
import java.util.List;
import java.util.Map;

/**
 * What an operator wrote, with every default filled in and every name resolved, but nothing
 * compiled.
 *
 * @param listeners where clients connect, in the file's order
 * @param certificates certificates by file, in the file's order; the first is the default one
 * @param tls TLS towards clients, where a listener says nothing else
 * @param tickets whether clients can resume TLS sessions
 * @param backends the servers behind, by name of the protocol
 * @param policy who may log in over which channel
 * @param terms what dialogues may see
 * @param management where the process tells of itself
 * @param audit where the audit log goes
 */
public record Configuration(
    List<ListenerSettings> listeners,
    List<CertificateSettings> certificates,
    TlsSettings tls,
    TicketSettings tickets,
    Map<String, BackendSettings> backends,
    PolicySettings policy,
    Terms terms,
    ManagementSettings management,
    AuditSettings audit) {

  public Configuration {
    listeners = List.copyOf(listeners);
    certificates = List.copyOf(certificates);
    backends = Map.copyOf(backends);
  }

  /** Returns the proxy's own name, in greetings and trace fields. */
  public String hostname() {
    return terms.hostname();
  }
}
