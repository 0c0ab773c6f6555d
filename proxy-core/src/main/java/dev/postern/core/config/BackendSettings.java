package dev.postern.core.config;

import dev.postern.core.backend.BackendProfile;
import java.util.List;
import java.util.Optional;

/**
 * The servers behind the proxy for one protocol.
 *
 * @param protocol name of the protocol
 * @param profile kind of server
 * @param addresses where they are, at least one
 * @param capabilities what they offer before login, one entry a capability; empty: learn it from
 *     them
 * @param master who may log in there as any user; empty where nobody may
 */
public record BackendSettings(
    String protocol,
    BackendProfile profile,
    List<HostPort> addresses,
    List<String> capabilities,
    Optional<MasterUserSettings> master) {

  public BackendSettings {
    addresses = List.copyOf(addresses);
    capabilities = List.copyOf(capabilities);
  }
}
