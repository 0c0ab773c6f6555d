package dev.postern.core.testkit;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.ProxyHeaderFailure;
import dev.postern.core.event.SessionContext;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.event.TlsFailure;
import dev.postern.core.policy.Decision;
import dev.postern.core.policy.DenialReason;
import dev.postern.core.tls.ClientCertificate;
import dev.postern.core.tls.ClientHello;
import dev.postern.core.tls.RefusedClientCertificate;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import dev.postern.core.wire.WireViolation;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Every kind of event, with whatever text a client can get into it. */
public final class EventSamples {
  private EventSamples() {}

  /** TLS of a connection with everything that there is to tell. */
  public static final TlsFacts TLS =
      new TlsFacts(
          TlsVersion.TLS_1_3,
          "TLS_AES_128_GCM_SHA256",
          Optional.of("X25519MLKEM768"),
          Optional.of("imap.example.org"),
          Optional.of("imap"),
          false,
          TlsMode.IMPLICIT,
          Optional.of(
              new ClientCertificate(
                  "CN=Alice,O=Example",
                  List.of("email:alice@example.org"),
                  "0123456789abcdef".repeat(4),
                  Optional.of("alice@example.org"))));

  /** A session of the service {@code imaps} on the listener {@code public}. */
  public static SessionContext context(Optional<TlsFacts> tls) {
    return new SessionContext(
        "01JD0000000000000000000000",
        "imaps",
        "public",
        TlsMode.IMPLICIT,
        new InetSocketAddress("192.0.2.7", 40_001),
        new InetSocketAddress("192.0.2.1", 993),
        tls);
  }

  /**
   * Makes one event of each kind at least.
   *
   * @param text stands wherever a client or a configuration can put text
   */
  public static List<SessionEvent> all(String text) {
    return List.of(
        new SessionEvent.Started(),
        new SessionEvent.TlsEstablished(
            new TlsFacts(
                TlsVersion.TLS_1_2,
                "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                Optional.of("secp256r1"),
                Optional.of(text),
                Optional.of(text),
                true,
                TlsMode.STARTTLS,
                Optional.of(
                    new ClientCertificate(
                        text, List.of(text), "ab".repeat(32), Optional.of(text))))),
        new SessionEvent.TlsFailed(TlsFailure.CLIENT_ALERT, Optional.empty()),
        new SessionEvent.TlsFailed(
            TlsFailure.BAD_CLIENT_CERTIFICATE,
            Optional.empty(),
            Optional.of(RefusedClientCertificate.Reason.REVOKED)),
        new SessionEvent.TlsFailed(
            TlsFailure.NO_SHARED_ALPN,
            Optional.of(
                new ClientHello(
                    List.of(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2),
                    List.of(0x1301),
                    List.of(0x0403),
                    List.of(23),
                    Optional.of(text),
                    List.of(text, "h2"),
                    false))),
        new SessionEvent.ClientIdentified(
            Map.of(
                text, text, "name", text, "security-tags", "tls12 " + text, "latch", "tls-cert")),
        new SessionEvent.LoginDecided(text, text, new Decision.Allow(text)),
        new SessionEvent.LoginDecided(
            text, text, new Decision.Warn(text, DenialReason.TLS_TOO_OLD)),
        new SessionEvent.LoginDecided(
            text, text, new Decision.Deny(text, DenialReason.TLS_REQUIRED)),
        new SessionEvent.LoginEnded(text, text, LoginOutcome.SUCCESS),
        new SessionEvent.LoginWaived(new Decision.Allow(text)),
        new SessionEvent.LoginWaived(new Decision.Warn(text, DenialReason.RULE)),
        new SessionEvent.BackendConnected(new InetSocketAddress("10.0.0.5", 143), 1_500_000),
        new SessionEvent.BackendFailed(BackendLoss.TIMEOUT),
        new SessionEvent.Submitted(text, 2, 4096, 250, true),
        new SessionEvent.Violated(WireViolation.BARE_LF),
        new SessionEvent.ProxyHeaderRefused(ProxyHeaderFailure.UNTRUSTED),
        new SessionEvent.LimitReached(Limit.BAD_COMMANDS),
        new SessionEvent.Ended(EndReason.LOGOUT, 2_000_000_000L, 120, 4096, Optional.of(text)));
  }
}
