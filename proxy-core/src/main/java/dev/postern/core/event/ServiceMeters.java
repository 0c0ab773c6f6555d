package dev.postern.core.event;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.policy.DenialReason;
import dev.postern.core.tls.ClientHello;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import dev.postern.core.wire.WireViolation;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;

/**
 * The meters of one service. All whose tags are enums are registered at once, so that a rate is
 * seen from the first event on and counting is an array access; those of TLS parameters when they
 * first occur.
 */
final class ServiceMeters {
  private static final Duration[] SESSION_BUCKETS = {
    Duration.ofSeconds(1),
    Duration.ofSeconds(10),
    Duration.ofMinutes(1),
    Duration.ofMinutes(10),
    Duration.ofHours(1),
    Duration.ofHours(8)
  };
  private static final Duration[] CONNECT_BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10)
  };

  private record Handshake(TlsVersion version, String cipherSuite, TlsMode mode, boolean resumed) {}

  private final MeterRegistry registry;
  private final String service;
  private final TagValues cipherSuites;
  private final TagValues groups;

  final Timer duration;
  final Timer backendConnect;
  final Counter fromClient;
  final Counter toClient;
  final Counter clientsIdentified;
  final PerValue<EndReason, Counter> ended;
  final PerValue<TlsFailure, Counter> tlsFailures;
  private final PerValue<TlsVersion, Counter> offered;
  private final Counter nothingOffered;
  final PerValue<DenialReason, Counter> denials;
  final PerValue<DenialReason, Counter> warnings;
  final PerValue<BackendLoss, Counter> backendFailures;
  final PerValue<WireViolation, Counter> violations;
  final PerValue<ProxyHeaderFailure, Counter> proxyHeaderFailures;
  final PerValue<Limit, Counter> limits;
  final PerValue<SubmissionOutcome, Counter> submissions;
  private final PerValue<LoginOutcome, Counter> cleartextLogins;
  private final PerValue<TlsVersion, PerValue<LoginOutcome, Counter>> tlsLogins;
  private final ConcurrentMap<Handshake, Counter> handshakes = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Counter> handshakeGroups = new ConcurrentHashMap<>();

  ServiceMeters(MeterRegistry registry, String service, TagValues cipherSuites, TagValues groups) {
    this.registry = registry;
    this.service = service;
    this.cipherSuites = cipherSuites;
    this.groups = groups;
    duration =
        Timer.builder("postern.session.duration")
            .description("How long sessions lasted")
            .tag("service", service)
            .serviceLevelObjectives(SESSION_BUCKETS)
            .register(registry);
    backendConnect =
        Timer.builder("postern.backend.connect")
            .description("Time to connect to a backend, from the first try")
            .tag("service", service)
            .serviceLevelObjectives(CONNECT_BUCKETS)
            .register(registry);
    fromClient = octets("from-client");
    toClient = octets("to-client");
    clientsIdentified =
        counter("postern.clients.identified", "Clients that said who they are").register(registry);
    ended =
        counters(
            EndReason.class,
            EndReason::label,
            "reason",
            counter("postern.sessions.ended", "Sessions that are over"));
    tlsFailures =
        counters(
            TlsFailure.class,
            TlsFailure::label,
            "reason",
            counter("postern.tls.failures", "TLS handshakes that failed"));
    Counter.Builder offers =
        counter(
            "postern.tls.failures.offered",
            "TLS handshakes that failed, by the newest version that the client offered");
    offered = counters(TlsVersion.class, TlsVersion::protocol, "tls_version", offers);
    nothingOffered = offers.tag("tls_version", "none").register(registry);
    denials =
        counters(
            DenialReason.class,
            DenialReason::label,
            "reason",
            counter("postern.login.denials", "Logins that policy denied; no backend was asked"));
    warnings =
        counters(
            DenialReason.class,
            DenialReason::label,
            "reason",
            counter("postern.login.warnings", "Logins that policy allowed and will deny one day"));
    backendFailures =
        counters(
            BackendLoss.class,
            BackendLoss::label,
            "reason",
            counter("postern.backend.failures", "Backend connections not made, or lost"));
    violations =
        counters(
            WireViolation.class,
            WireViolation::label,
            "reason",
            counter("postern.violations", "Sessions that broke the protocol"));
    proxyHeaderFailures =
        counters(
            ProxyHeaderFailure.class,
            ProxyHeaderFailure::label,
            "reason",
            counter(
                "postern.proxy.header.failures",
                "Connections closed because no balancer said whose they are"));
    limits =
        counters(
            Limit.class,
            Limit::label,
            "limit",
            counter("postern.limits.reached", "Limits of the configuration that were reached"));
    submissions =
        counters(
            SubmissionOutcome.class,
            SubmissionOutcome::label,
            "outcome",
            counter("postern.submissions", "Messages submitted"));
    cleartextLogins = logins("none");
    tlsLogins = new PerValue<>(TlsVersion.class, v -> logins(v.protocol()));
  }

  PerValue<LoginOutcome, Counter> logins(Optional<TlsFacts> tls) {
    return tls.isEmpty() ? cleartextLogins : tlsLogins.of(tls.get().version());
  }

  Counter offered(Optional<ClientHello> hello) {
    return hello.isEmpty() || hello.get().versions().isEmpty()
        ? nothingOffered
        : offered.of(hello.get().versions().get(0));
  }

  void handshake(TlsFacts facts) {
    // What has no name in the IANA registry comes as hexadecimal digits (CCO-4.3): one series for
    // all of it.
    String suite =
        facts.cipherSuite().startsWith("TLS_")
            ? cipherSuites.of(facts.cipherSuite())
            : TagValues.OTHER;
    handshakes
        .computeIfAbsent(
            new Handshake(facts.version(), suite, facts.mode(), facts.resumed()), this::handshakes)
        .increment();
    String group = facts.group().isPresent() ? groups.of(facts.group().get()) : "none";
    handshakeGroups.computeIfAbsent(group, this::handshakesByGroup).increment();
  }

  private Counter handshakes(Handshake handshake) {
    return counter("postern.tls.handshakes", "TLS handshakes that succeeded")
        .tag("tls_version", handshake.version().protocol())
        .tag("cipher_suite", handshake.cipherSuite())
        .tag("tls_mode", handshake.mode().label())
        .tag("resumed", Boolean.toString(handshake.resumed()))
        .register(registry);
  }

  private Counter handshakesByGroup(String group) {
    return counter("postern.tls.groups", "TLS handshakes that succeeded, by key-exchange group")
        .tag("group", group)
        .register(registry);
  }

  private PerValue<LoginOutcome, Counter> logins(String version) {
    return counters(
        LoginOutcome.class,
        LoginOutcome::label,
        "outcome",
        counter("postern.logins", "Login attempts").tag("tls_version", version));
  }

  private Counter octets(String direction) {
    return counter(
            "postern.client", "Octets exchanged with clients, without TLS, of ended sessions")
        .baseUnit("bytes")
        .tag("direction", direction)
        .register(registry);
  }

  private Counter.Builder counter(String name, String description) {
    return Counter.builder(name).description(description).tag("service", service);
  }

  private <E extends Enum<E>> PerValue<E, Counter> counters(
      Class<E> type, Function<E, String> label, String tag, Counter.Builder counter) {
    var provider = counter.withRegistry(registry);
    return new PerValue<>(type, value -> provider.withTag(tag, label.apply(value)));
  }
}
