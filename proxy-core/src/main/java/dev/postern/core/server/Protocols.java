package dev.postern.core.server;

import dev.postern.core.protocol.MailProtocol;
import dev.postern.core.protocol.ProtocolInfo;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Collectors;

/** The protocols on the class path, by name. */
public final class Protocols {
  private final Map<String, MailProtocol> byName;

  private Protocols(Map<String, MailProtocol> byName) {
    this.byName = byName;
  }

  /** Finds them by {@link ServiceLoader}. */
  public static Protocols load() {
    return of(
        ServiceLoader.load(MailProtocol.class).stream().map(ServiceLoader.Provider::get).toList());
  }

  /** Takes the given ones. */
  public static Protocols of(Collection<MailProtocol> protocols) {
    return new Protocols(
        protocols.stream().collect(Collectors.toUnmodifiableMap(p -> p.info().name(), p -> p)));
  }

  /** Returns what each says of itself. */
  public List<ProtocolInfo> infos() {
    return byName.values().stream().map(MailProtocol::info).toList();
  }

  /**
   * Returns a protocol.
   *
   * @throws IllegalArgumentException when there is none of that name
   */
  public MailProtocol get(String name) {
    MailProtocol found = byName.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no such protocol: " + name);
    }
    return found;
  }
}
