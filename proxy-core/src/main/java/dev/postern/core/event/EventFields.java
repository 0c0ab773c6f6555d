package dev.postern.core.event;

import dev.postern.core.policy.Decision;
import dev.postern.core.tls.ClientCertificate;
import dev.postern.core.tls.ClientHello;
import dev.postern.core.tls.RefusedClientCertificate;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsVersion;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** What audit and log say of an event: the one place where events become names and fields. */
final class EventFields {
  /** Protocols that are named; more than any honest client offers. */
  private static final int MOST_ALPN = 16;

  private EventFields() {}

  /** Writes everything but the time. */
  static void write(SessionContext context, SessionEvent event, Fields out) {
    out.text(Key.EVENT, name(event));
    out.text(Key.SESSION, context.session());
    out.text(Key.SERVICE, context.service());
    out.text(Key.LISTENER, context.listener());
    address(Key.CLIENT, Key.CLIENT_PORT, context.client(), out);
    address(Key.LOCAL, Key.LOCAL_PORT, context.local(), out);
    out.text(Key.TLS_MODE, context.mode().label());
    tls(context, event)
        .ifPresentOrElse(facts -> tls(facts, out), () -> out.text(Key.SNI, askedFor(event)));
    details(event, out);
  }

  private static String name(SessionEvent event) {
    return switch (event) {
      case SessionEvent.Started e -> "session-started";
      case SessionEvent.TlsEstablished e -> "tls-established";
      case SessionEvent.TlsFailed e -> "tls-failed";
      case SessionEvent.ClientIdentified e -> "client-identified";
      case SessionEvent.LoginDecided e -> "login-decided";
      case SessionEvent.LoginEnded e -> "login-ended";
      case SessionEvent.LoginWaived e -> "login-waived";
      case SessionEvent.BackendConnected e -> "backend-connected";
      case SessionEvent.BackendFailed e -> "backend-failed";
      case SessionEvent.Submitted e -> "submitted";
      case SessionEvent.Violated e -> "violated";
      case SessionEvent.ProxyHeaderRefused e -> "proxy-header-refused";
      case SessionEvent.LimitReached e -> "limit-reached";
      case SessionEvent.Ended e -> "session-ended";
    };
  }

  private static Optional<TlsFacts> tls(SessionContext context, SessionEvent event) {
    return event instanceof SessionEvent.TlsEstablished(TlsFacts facts)
        ? Optional.of(facts)
        : context.tls();
  }

  private static Optional<String> askedFor(SessionEvent event) {
    return event instanceof SessionEvent.TlsFailed failed
        ? failed.hello().flatMap(ClientHello::serverName)
        : Optional.empty();
  }

  private static void tls(TlsFacts facts, Fields out) {
    out.text(Key.TLS_VERSION, facts.version().protocol());
    out.text(Key.CIPHER_SUITE, facts.cipherSuite());
    out.text(Key.GROUP, facts.group());
    out.text(Key.SNI, facts.serverName());
    out.text(Key.ALPN, facts.alpn());
    out.flag(Key.RESUMED, facts.resumed());
    facts.clientCertificate().ifPresent(certificate -> certificate(certificate, out));
  }

  private static void certificate(ClientCertificate certificate, Fields out) {
    out.text(Key.CERTIFICATE_SUBJECT, certificate.subject());
    out.text(Key.CERTIFICATE_SHA256, certificate.sha256());
    out.text(Key.CERTIFICATE_USER, certificate.identity());
  }

  private static void hello(ClientHello hello, Fields out) {
    out.text(
        Key.OFFERED_VERSIONS,
        hello.versions().stream().map(TlsVersion::protocol).collect(Collectors.joining(" ")));
    if (!hello.alpn().isEmpty()) {
      out.text(
          Key.OFFERED_ALPN,
          hello.alpn().stream().limit(MOST_ALPN).collect(Collectors.joining(" ")));
    }
  }

  private static void details(SessionEvent event, Fields out) {
    switch (event) {
      case SessionEvent.Started e -> {}
      case SessionEvent.TlsEstablished e -> {}
      case SessionEvent.TlsFailed e -> {
        e.hello().ifPresent(hello -> hello(hello, out));
        out.text(
            Key.CERTIFICATE_REFUSAL, e.certificate().map(RefusedClientCertificate.Reason::label));
        out.text(Key.REASON, e.reason().label());
      }
      case SessionEvent.ClientIdentified e -> out.pairs(Key.CLIENT_ID, e.fields());
      case SessionEvent.LoginDecided e -> {
        out.text(Key.USER, e.user());
        out.text(Key.MECHANISM, e.mechanism());
        decision(e.decision(), out);
      }
      case SessionEvent.LoginEnded e -> {
        out.text(Key.USER, e.user());
        out.text(Key.MECHANISM, e.mechanism());
        out.text(Key.OUTCOME, e.outcome().label());
      }
      case SessionEvent.LoginWaived e -> decision(e.decision(), out);
      case SessionEvent.BackendConnected e -> {
        address(Key.BACKEND, Key.BACKEND_PORT, e.backend(), out);
        out.number(Key.CONNECT_MS, TimeUnit.NANOSECONDS.toMillis(e.nanos()));
      }
      case SessionEvent.BackendFailed e -> out.text(Key.REASON, e.loss().label());
      case SessionEvent.Submitted e -> {
        out.text(Key.SENDER, e.sender());
        out.number(Key.RECIPIENTS, e.recipients());
        out.number(Key.OCTETS, e.octets());
        out.number(Key.REPLY, e.reply());
        out.flag(Key.ACCEPTED, e.accepted());
      }
      case SessionEvent.Violated e -> out.text(Key.REASON, e.violation().label());
      case SessionEvent.ProxyHeaderRefused e -> out.text(Key.REASON, e.failure().label());
      case SessionEvent.LimitReached e -> out.text(Key.LIMIT, e.limit().label());
      case SessionEvent.Ended e -> {
        out.text(Key.REASON, e.reason().label());
        out.number(Key.DURATION_MS, TimeUnit.NANOSECONDS.toMillis(e.nanos()));
        out.number(Key.FROM_CLIENT, e.fromClient());
        out.number(Key.TO_CLIENT, e.toClient());
        out.text(Key.USER, e.user());
      }
    }
  }

  private static void decision(Decision decision, Fields out) {
    switch (decision) {
      case Decision.Allow d -> {
        out.text(Key.DECISION, "allow");
        out.text(Key.RULE, d.rule());
      }
      case Decision.Warn d -> {
        out.text(Key.DECISION, "warn");
        out.text(Key.RULE, d.rule());
        out.text(Key.REASON, d.reason().label());
      }
      case Decision.Deny d -> {
        out.text(Key.DECISION, "deny");
        out.text(Key.RULE, d.rule());
        out.text(Key.REASON, d.reason().label());
      }
    }
  }

  /** Never asks a name server: an address that was never resolved is written as it was given. */
  private static void address(Key host, Key port, InetSocketAddress address, Fields out) {
    out.text(
        host,
        address.isUnresolved() ? address.getHostString() : address.getAddress().getHostAddress());
    out.number(port, address.getPort());
  }
}
