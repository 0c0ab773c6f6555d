package dev.postern.core.event;

import dev.postern.core.policy.Decision;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;

/**
 * Counts events. Tags are names of the configuration and enums: never a user, an address or
 * anything else that a client chooses. Every meter stands in {@code docs/operators/metrics.md}.
 */
public final class MetricsSink implements EventSink {
  // More than any engine has; only a bound.
  private static final int MOST_CIPHER_SUITES = 64;
  private static final int MOST_GROUPS = 32;

  private record Listener(String service, String name) {}

  private final MeterRegistry registry;
  private final TagValues cipherSuites = new TagValues(MOST_CIPHER_SUITES);
  private final TagValues groups = new TagValues(MOST_GROUPS);
  private final DeepTags deepTags;
  private final ConcurrentMap<String, ServiceMeters> services = new ConcurrentHashMap<>();
  private final ConcurrentMap<Listener, ListenerMeters> listeners = new ConcurrentHashMap<>();

  /**
   * Makes a sink.
   *
   * @param registry where the meters live
   */
  public MetricsSink(MeterRegistry registry) {
    this.registry = registry;
    this.deepTags = new DeepTags(registry);
  }

  /**
   * Registers the meters of a listener before its first session, so that they are seen with the
   * value 0.
   *
   * @param service name of the service
   * @param listener name of the listener
   */
  public void register(String service, String listener) {
    service(service);
    listener(service, listener);
  }

  @Override
  public void accept(SessionContext context, SessionEvent event) {
    ServiceMeters service = service(context.service());
    switch (event) {
      case SessionEvent.Started e -> {
        ListenerMeters listener = listener(context.service(), context.listener());
        listener.sessions.increment();
        listener.active.incrementAndGet();
      }
      case SessionEvent.TlsEstablished e -> service.handshake(e.tls());
      case SessionEvent.TlsFailed e -> {
        service.tlsFailures.of(e.reason()).increment();
        service.offered(e.hello()).increment();
      }
      case SessionEvent.ClientIdentified e -> {
        service.clientsIdentified.increment();
        deepTags.count(context.service(), e.fields());
      }
      case SessionEvent.LoginDecided e -> count(e.decision(), service);
      case SessionEvent.LoginEnded e -> service.logins(context.tls()).of(e.outcome()).increment();
      case SessionEvent.LoginWaived e -> count(e.decision(), service);
      case SessionEvent.BackendConnected e ->
          service.backendConnect.record(e.nanos(), TimeUnit.NANOSECONDS);
      case SessionEvent.BackendFailed e -> service.backendFailures.of(e.loss()).increment();
      case SessionEvent.Submitted e -> service.submissions.of(SubmissionOutcome.of(e)).increment();
      case SessionEvent.Violated e -> service.violations.of(e.violation()).increment();
      case SessionEvent.ProxyHeaderRefused e ->
          service.proxyHeaderFailures.of(e.failure()).increment();
      case SessionEvent.LimitReached e -> service.limits.of(e.limit()).increment();
      case SessionEvent.Ended e -> {
        listener(context.service(), context.listener()).active.decrementAndGet();
        service.ended.of(e.reason()).increment();
        service.duration.record(e.nanos(), TimeUnit.NANOSECONDS);
        service.fromClient.increment((double) e.fromClient());
        service.toClient.increment((double) e.toClient());
      }
    }
  }

  private static void count(Decision decision, ServiceMeters service) {
    switch (decision) {
      case Decision.Allow d -> {}
      case Decision.Warn d -> service.warnings.of(d.reason()).increment();
      case Decision.Deny d -> service.denials.of(d.reason()).increment();
    }
  }

  private ServiceMeters service(String name) {
    ServiceMeters known = services.get(name);
    return known != null
        ? known
        : services.computeIfAbsent(name, n -> new ServiceMeters(registry, n, cipherSuites, groups));
  }

  private ListenerMeters listener(String service, String name) {
    return listeners.computeIfAbsent(
        new Listener(service, name), l -> new ListenerMeters(registry, l.service(), l.name()));
  }
}
