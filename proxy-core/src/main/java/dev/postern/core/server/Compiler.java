package dev.postern.core.server;

import static java.util.stream.Collectors.joining;

import dev.postern.core.config.BackendSettings;
import dev.postern.core.config.ClientCertificateSettings;
import dev.postern.core.config.Configuration;
import dev.postern.core.config.ListenerSettings;
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
import dev.postern.core.tls.ClientTrust;
import dev.postern.core.tls.ServerCertificate;
import dev.postern.core.tls.ServerTls;
import dev.postern.core.tls.TicketKeys;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsTerms;
import dev.postern.core.tls.TlsVersion;
import dev.postern.core.upstream.Backend;
import dev.postern.core.upstream.Connector;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
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
  private final CertificateStore certificates;

  Compiler(
      Protocols protocols,
      Connector connector,
      EventSink events,
      Function<Path, UserDirectory> directories,
      CertificateStore certificates) {
    this.protocols = protocols;
    this.connector = connector;
    this.events = events;
    this.directories = directories;
    this.certificates = certificates;
  }

  /**
   * Compiles a configuration.
   *
   * @param previous what is in force; backends that stay the same keep what is known of them, and
   *     certificates whose files are broken now are kept
   * @throws StartException when a listener that needs a certificate has none that can be used, or
   *     the directory cannot be used; nothing is left behind
   */
  Compiled compile(Configuration configuration, @Nullable Compiled previous, TicketKeys tickets)
      throws StartException {
    Map<String, MasterUser> masters = masters(configuration);
    Snapshot snapshot =
        new Snapshot(
            configuration.terms(),
            configuration.policy().policy(),
            directory(configuration),
            List.copyOf(masters.values()));
    Map<String, Backend> backends = new LinkedHashMap<>();
    for (BackendSettings settings : configuration.backends().values()) {
      backends.put(settings.protocol(), backend(settings, previous));
    }
    Map<String, CertificateState> states =
        certificates.read(
            configuration.certificates(), previous == null ? Map.of() : previous.certificates());
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
        ServerTls secured =
            tls(configuration, listener, protocol.info().alpn(), states, clients, tickets, tls);
        if (secured == null && listener.mode() == TlsMode.IMPLICIT) {
          continue;
        }
        entrances.put(
            listener.name(),
            new Entrance(
                listener.name(),
                service(protocol, listener),
                protocol,
                snapshot,
                secured,
                backend,
                Optional.ofNullable(masters.get(listener.protocol())),
                preauth(listener),
                failures,
                handshakes,
                events));
      }
    } catch (StartException | RuntimeException e) {
      tls.values().forEach(ServerTls::release);
      throw e;
    }
    return new Compiled(
        configuration,
        entrances,
        backends,
        states,
        byListener(configuration, clients),
        List.copyOf(tls.values()));
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

  /** By protocol; read anew each time: a password may have changed where the settings have not. */
  private static Map<String, MasterUser> masters(Configuration configuration)
      throws StartException {
    Map<String, MasterUser> masters = new HashMap<>();
    for (BackendSettings backend : configuration.backends().values()) {
      if (backend.master().isPresent()) {
        try {
          masters.put(backend.protocol(), backend.master().get().read());
        } catch (IOException e) {
          throw new StartException(
              "the master user of backend %s cannot be used: %s"
                  .formatted(backend.protocol(), e.getMessage()),
              e);
        }
      }
    }
    return masters;
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

  private static Map<String, ClientTrust> byListener(
      Configuration configuration, Map<ClientCertificateSettings, ClientTrust> clients) {
    Map<String, ClientTrust> trusts = new TreeMap<>();
    for (ListenerSettings listener : configuration.listeners()) {
      listener
          .tls()
          .clients()
          .map(clients::get)
          .ifPresent(trust -> trusts.put(listener.name(), trust));
    }
    return Collections.unmodifiableMap(trusts);
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

  /** Returns null where there is no certificate to show, and may be none. */
  private static @Nullable ServerTls tls(
      Configuration configuration,
      ListenerSettings listener,
      Set<String> alpn,
      Map<String, CertificateState> states,
      Map<ClientCertificateSettings, ClientTrust> clients,
      TicketKeys tickets,
      Map<Shared, ServerTls> built)
      throws StartException {
    List<ServerCertificate> usable = usable(listener, states);
    if (usable.isEmpty()) {
      if (listener.mode() == TlsMode.IMPLICIT && !listener.tls().withoutCertificate()) {
        throw new StartException(needed(listener, states));
      }
      return null;
    }
    Shared key = new Shared(listener.certificates(), listener.tls(), alpn);
    ServerTls shared = built.get(key);
    if (shared == null) {
      shared = build(configuration, listener, usable, alpn, clients, tickets);
      built.put(key, shared);
    }
    return shared;
  }

  /** Returns those that can be shown, in the listener's order: the first is the default. */
  private static List<ServerCertificate> usable(
      ListenerSettings listener, Map<String, CertificateState> states) {
    return listener.certificates().stream()
        .map(states::get)
        .filter(Objects::nonNull)
        .flatMap(state -> state.usable().stream())
        .toList();
  }

  private static String needed(ListenerSettings listener, Map<String, CertificateState> states) {
    if (listener.certificates().isEmpty()) {
      return "listener %s needs a certificate: add one under certificates"
          .formatted(listener.name());
    }
    return listener.certificates().stream()
        .map(states::get)
        .filter(Objects::nonNull)
        .map(state -> "certificate " + state.name() + ": " + state.problem().orElse(""))
        .collect(
            joining(
                "; ",
                "listener %s begins with TLS, and no certificate can be used: "
                    .formatted(listener.name()),
                "; to start without it, set without-certificate: true in its tls"));
  }

  private static ServerTls build(
      Configuration configuration,
      ListenerSettings listener,
      List<ServerCertificate> certificates,
      Set<String> alpn,
      Map<ClientCertificateSettings, ClientTrust> clients,
      TicketKeys tickets)
      throws StartException {
    TlsSettings tls = listener.tls();
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
}
