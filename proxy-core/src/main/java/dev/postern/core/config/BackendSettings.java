package dev.postern.core.config;

import dev.postern.core.backend.BackendProfile;
import java.util.List;

/**
 * The servers behind the proxy for one protocol.
 *
 * @param protocol name of the protocol
 * @param profile kind of server
 * @param addresses where they are, at least one
 * @param capabilities what they offer before login, one entry a capability; empty: learn it from
 *     them
 */
public record BackendSettings(
    String protocol, BackendProfile profile, List<HostPort> addresses, List<String> capabilities) {

  public BackendSettings {
    addresses = List.copyOf(addresses);
    capabilities = List.copyOf(capabilities);
  }
}
