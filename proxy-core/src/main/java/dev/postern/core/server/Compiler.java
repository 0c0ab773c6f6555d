package dev.postern.core.server;

import dev.postern.core.config.BackendSettings;
import dev.postern.core.config.CertificateSettings;
import dev.postern.core.config.ClientCertificateSettings;
import dev.postern.core.config.Configuration;
import dev.postern.core.config.ListenerSettings;
import dev.postern.core.config.StaplingSettings;
import dev.postern.core.config.TlsSettings;
import dev.postern.core.event.EventSink;
import dev.postern.core.policy.UserDirectory;
import dev.postern.core.policy.UserFacts;
import dev.postern.core.protocol.MailProtocol;
import dev.postern.core.protocol.ProtocolInfo.Service;
import dev.postern.core.sasl.MasterUser;
import dev.postern.core.session.Entrance;
import dev.postern.core.session.FailedLogins;
import dev.postern.core.session.Handshakes;
import dev.postern.core.session.Snapshot;
import dev.postern.core.tls.KeyMaterial;
import dev.postern.core.tls.ClientTrust;
import dev.postern.core.tls.PemFiles;
import dev.postern.core.tls.ServerCertificate;
import dev.postern.core.tls.ServerTls;
import dev.postern.core.tls.Staple;
import dev.postern.core.tls.TicketKeys;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsTerms;
import dev.postern.core.tls.TlsVersion;
import dev.postern.core.tls.ocsp.Stapling;
import dev.postern.core.upstream.Backend;
import dev.postern.core.upstream.Connector;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Compiles configurations, off the event loops and all or nothing. */
final class Compiler {
  private static final UserDirectory NO_DIRECTORY =
      user -> CompletableFuture.completedStage(UserFacts.NONE);

  private final Protocols protocols;
  private final Connector connector;
  private final EventSink events;
  private final FailedLogins failures = new FailedLogins();
  private final Handshakes handshakes = new Handshakes();
  private final Function<Path, UserDirectory> directories;
  private final Stapling stapling;

  Compiler(
      Protocols protocols,
      Connector connector,
      EventSink events,
      Function<Path, UserDirectory> directories,
      Stapling stapling) {
    this.protocols = protocols;
    this.connector = connector;
    this.events = events;
    this.directories = directories;
    this.stapling = stapling;
  }

  /**
   * Compiles a configuration.
   *
   * @param previous what is in force; backends that stay the same keep what is known of them
   * @throws StartException when a certificate or the directory cannot be used; nothing is left
   *     behind
   */
  Compiled compile(Configuration configuration, @Nullable Compiled previous, TicketKeys tickets)
      throws StartException {
    Snapshot snapshot =
        new Snapshot(
            configuration.terms(), configuration.policy().policy(), directory(configuration));
    Map<String, Backend> backends = new LinkedHashMap<>();
    for (BackendSettings settings : configuration.backends().values()) {
      backends.put(settings.protocol(), backend(settings, previous));
    }
    Map<Shared, ServerTls> tls = new HashMap<>();
    Map<ClientCertificateSettings, ClientTrust> clients = clients(configuration);
    Map<String, Entrance> entrances = new LinkedHashMap<>();
    try {
      for (ListenerSettings listener : configuration.listeners()) {
        MailProtocol protocol = protocols.get(listener.protocol());
        Backend backend = backends.get(listener.protocol());
        if (backend == null) {
          throw new StartException(
              "listener %s has no backend: add backends.%s"
                  .formatted(listener.name(), listener.protocol()));
        }
        entrances.put(
            listener.name(),
            new Entrance(
                listener.name(),
                service(protocol, listener),
                protocol,
                snapshot,
                tls(configuration, listener, protocol.info().alpn(), clients, tickets, tls),
                backend,
                master(backend.settings()),
                preauth(listener),
                failures,
                handshakes,
                events));
      }
    } catch (StartException e) {
      tls.values().forEach(ServerTls::release);
      throw e;
    }
    return new Compiled(configuration, entrances, backends, List.copyOf(tls.values()));
  }

  private UserDirectory directory(Configuration configuration) throws StartException {
    Path file = configuration.policy().directory().orElse(null);
    if (file == null) {
      return NO_DIRECTORY;
    }
    try {
      return directories.apply(file);
    } catch (RuntimeException e) {
      throw new StartException(
          "the user directory %s cannot be used: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Read anew each time: its password may have changed where the settings have not. */
  private static Optional<MasterUser> master(BackendSettings backend) throws StartException {
    if (backend.master().isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(backend.master().get().read());
    } catch (IOException e) {
      throw new StartException(
          "the master user of backend %s cannot be used: %s"
              .formatted(backend.protocol(), e.getMessage()),
          e);
    }
  }

  private static boolean preauth(ListenerSettings listener) {
    return listener.mode() == TlsMode.IMPLICIT
        && listener.tls().clients().map(ClientCertificateSettings::preauth).orElse(false);
  }

  private Backend backend(BackendSettings settings, @Nullable Compiled previous) {
    Backend before = previous == null ? null : previous.backends().get(settings.protocol());
    return before != null && before.settings().equals(settings)
        ? before
        : new Backend(settings, protocols.get(settings.protocol()).info().assumed(), connector);
  }

  private static Service service(MailProtocol protocol, ListenerSettings listener) {
    return protocol.info().services().stream()
        .filter(s -> s.name().equals(listener.service()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no such service: " + listener.service()));
  }

  /** Reads each set of authorities and revocation lists once: the lists can be long. */
  private static Map<ClientCertificateSettings, ClientTrust> clients(Configuration configuration)
      throws StartException {
    Map<ClientCertificateSettings, ClientTrust> clients = new HashMap<>();
    for (ListenerSettings listener : configuration.listeners()) {
      ClientCertificateSettings settings = listener.tls().clients().orElse(null);
      if (settings != null && !clients.containsKey(settings)) {
        clients.put(settings, trust(listener.name(), settings));
      }
    }
    return clients;
  }

  private static ClientTrust trust(String listener, ClientCertificateSettings settings)
      throws StartException {
    return switch (settings.load(InstantSource.system())) {
      case ClientTrust.Loaded.Usable usable -> usable.trust();
      case ClientTrust.Loaded.Refused refused ->
          throw new StartException(
              "listener %s: client certificates cannot be checked: %s"
                  .formatted(listener, String.join("; ", refused.problems())));
    };
  }

  /** Listeners that agree in all of this share one context. */
  private record Shared(List<String> certificates, TlsSettings tls, Set<String> alpn) {}

  private @Nullable ServerTls tls(
      Configuration configuration,
      ListenerSettings listener,
      Set<String> alpn,
      Map<ClientCertificateSettings, ClientTrust> clients,
      TicketKeys tickets,
      Map<Shared, ServerTls> built)
      throws StartException {
    if (listener.certificates().isEmpty()) {
      if (listener.mode() == TlsMode.IMPLICIT) {
        throw new StartException(
            "listener %s needs a certificate: add one under certificates"
                .formatted(listener.name()));
      }
      return null;
    }
    Shared key = new Shared(listener.certificates(), listener.tls(), alpn);
    ServerTls shared = built.get(key);
    if (shared == null) {
      shared = build(configuration, listener, alpn, clients, tickets);
      built.put(key, shared);
    }
    return shared;
  }

  private ServerTls build(
      Configuration configuration,
      ListenerSettings listener,
      Set<String> alpn,
      Map<ClientCertificateSettings, ClientTrust> clients,
      TicketKeys tickets)
      throws StartException {
    TlsSettings tls = listener.tls();
    List<ServerCertificate> certificates = new ArrayList<>();
    for (CertificateSettings certificate : configuration.certificates()) {
      if (listener.certificates().contains(certificate.name())) {
        certificates.add(load(certificate));
      }
    }
    TlsTerms terms =
        new TlsTerms(
            Arrays.stream(TlsVersion.values())
                .filter(v -> v.compareTo(tls.minimum()) >= 0)
                .filter(v -> v.compareTo(tls.maximum()) <= 0)
                .toList(),
            tls.cipherSuites(),
            tls.groups(),
            alpn.stream().sorted().toList(),
            tls.strictServerNames(),
            !tickets.newestFirst().isEmpty(),
            tls.clients().map(clients::get),
            configuration.terms().limits().handshakeDeadline());
    try {
      return ServerTls.of(certificates, terms, tickets);
    } catch (SSLException e) {
      throw new StartException(
          "listener %s: TLS cannot be set up: %s".formatted(listener.name(), e.getMessage()), e);
    }
  }

  private ServerCertificate load(CertificateSettings certificate) throws StartException {
    try {
      KeyMaterial material = PemFiles.read(certificate.files());
      return new ServerCertificate(
          certificate.name(), certificate.serverNames(), material, staple(certificate, material));
    } catch (IOException e) {
      throw new StartException(
          "certificate %s cannot be read: %s".formatted(certificate.name(), e.getMessage()), e);
    } catch (CertificateException e) {
      throw new StartException(
          "certificate %s: %s".formatted(certificate.name(), e.getMessage()), e);
    }
  }

  private Staple staple(CertificateSettings certificate, KeyMaterial material) {
    return switch (certificate.stapling()) {
      case StaplingSettings.Off off -> Staple.NONE;
      case StaplingSettings.Fetched fetched ->
          stapling.of(certificate.name(), material, Optional.empty());
      case StaplingSettings.File(Path response) ->
          stapling.of(certificate.name(), material, Optional.of(response));
    };
  }
}
