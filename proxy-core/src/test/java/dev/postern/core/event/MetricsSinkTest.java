package dev.postern.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.policy.Decision;
import dev.postern.core.policy.DenialReason;
import dev.postern.core.testkit.EventSamples;
import dev.postern.core.tls.ClientHello;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import dev.postern.core.wire.WireViolation;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class MetricsSinkTest {
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private final MetricsSink sink = new MetricsSink(registry);

  @Test
  void countsSessionsAndThoseGoingOn() {
    accept(new SessionEvent.Started());
    accept(new SessionEvent.Started());
    accept(new SessionEvent.Ended(EndReason.TIMEOUT, 3_000_000_000L, 10, 20, Optional.empty()));
    assertThat(count("postern.sessions", "service", "imaps", "listener", "public")).isEqualTo(2);
    assertThat(registry.get("postern.sessions.active").tag("listener", "public").gauge().value())
        .isEqualTo(1);
    assertThat(count("postern.sessions.ended", "reason", "timeout")).isEqualTo(1);
    assertThat(registry.get("postern.session.duration").timer().totalTime(TimeUnit.SECONDS))
        .isEqualTo(3);
    assertThat(count("postern.client", "direction", "from-client")).isEqualTo(10);
    assertThat(count("postern.client", "direction", "to-client")).isEqualTo(20);
  }

  @Test
  @Tag("CCO-4.1d")
  void countsFailedHandshakesByTheNewestVersionOffered() {
    accept(new SessionEvent.TlsFailed(TlsFailure.NO_SHARED_VERSION, offering(TlsVersion.TLS_1_0)));
    accept(
        new SessionEvent.TlsFailed(
            TlsFailure.CLIENT_ALERT, offering(TlsVersion.TLS_1_2, TlsVersion.TLS_1_1)));
    accept(new SessionEvent.TlsFailed(TlsFailure.MALFORMED, offering()));
    accept(new SessionEvent.TlsFailed(TlsFailure.HTTP, Optional.empty()));
    assertThat(count("postern.tls.failures.offered", "tls_version", "TLSv1")).isEqualTo(1);
    assertThat(count("postern.tls.failures.offered", "tls_version", "TLSv1.2")).isEqualTo(1);
    assertThat(count("postern.tls.failures.offered", "tls_version", "TLSv1.1")).isZero();
    assertThat(count("postern.tls.failures.offered", "tls_version", "none")).isEqualTo(2);
    assertThat(count("postern.tls.failures", "reason", "http")).isEqualTo(1);
  }

  private static Optional<ClientHello> offering(TlsVersion... versions) {
    return Optional.of(
        new ClientHello(
            List.of(versions),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(),
            false));
  }

  @Test
  @Tag("CARD-7")
  void countsHandshakesByWhatWasNegotiated() {
    accept(new SessionEvent.TlsEstablished(EventSamples.TLS));
    accept(new SessionEvent.TlsEstablished(EventSamples.TLS));
    assertThat(
            count(
                "postern.tls.handshakes",
                "service",
                "imaps",
                "tls_version",
                "TLSv1.3",
                "cipher_suite",
                "TLS_AES_128_GCM_SHA256",
                "tls_mode",
                "implicit",
                "resumed",
                "false"))
        .isEqualTo(2);
    assertThat(count("postern.tls.groups", "group", "X25519MLKEM768")).isEqualTo(2);
  }

  @Test
  void countsSuitesWithoutANameAsOne() {
    accept(new SessionEvent.TlsEstablished(suite("0xFEFE", Optional.empty())));
    accept(new SessionEvent.TlsEstablished(suite("0xFEFF", Optional.empty())));
    assertThat(count("postern.tls.handshakes", "cipher_suite", "other")).isEqualTo(2);
    assertThat(count("postern.tls.groups", "group", "none")).isEqualTo(2);
  }

  @Test
  void boundsTheNumberOfTimeSeries() {
    for (int i = 0; i < 1000; i++) {
      accept(new SessionEvent.TlsEstablished(suite("TLS_" + i, Optional.of("group" + i))));
      accept(new SessionEvent.ClientIdentified(Map.of("latch", "t" + i, "x" + i, "y")));
    }
    assertThat(registry.find("postern.tls.handshakes").counters()).hasSizeLessThanOrEqualTo(65);
    assertThat(registry.find("postern.tls.groups").counters()).hasSizeLessThanOrEqualTo(33);
    assertThat(count("postern.deep.tags", "field", "latch", "tag", "other")).isEqualTo(1000);
    assertThat(count("postern.clients.identified", "service", "imaps")).isEqualTo(1000);
  }

  @Test
  void countsLoginsByOutcomeAndTlsVersion() {
    accept(new SessionEvent.LoginEnded("one", "LOGIN", LoginOutcome.SUCCESS));
    sink.accept(
        EventSamples.context(Optional.of(EventSamples.TLS)),
        new SessionEvent.LoginEnded("one", "PLAIN", LoginOutcome.REFUSED));
    assertThat(count("postern.logins", "tls_version", "none", "outcome", "success")).isEqualTo(1);
    assertThat(count("postern.logins", "tls_version", "TLSv1.3", "outcome", "refused"))
        .isEqualTo(1);
    assertThat(count("postern.logins", "tls_version", "TLSv1.3", "outcome", "success"))
        .isEqualTo(0);
  }

  @Test
  void countsDecisions() {
    accept(new SessionEvent.LoginDecided("u", "m", new Decision.Allow("r")));
    accept(
        new SessionEvent.LoginDecided("u", "m", new Decision.Warn("r", DenialReason.TLS_TOO_OLD)));
    accept(
        new SessionEvent.LoginDecided("u", "m", new Decision.Deny("r", DenialReason.TLS_REQUIRED)));
    assertThat(count("postern.login.warnings", "reason", "tls-too-old")).isEqualTo(1);
    assertThat(count("postern.login.denials", "reason", "tls-required")).isEqualTo(1);
    assertThat(count("postern.login.denials", "reason", "tls-too-old")).isEqualTo(0);
  }

  @Test
  void countsSubmissionsByOutcome() {
    accept(new SessionEvent.Submitted("", 1, 1, 250, true));
    accept(new SessionEvent.Submitted("", 1, 1, 451, false));
    accept(new SessionEvent.Submitted("", 1, 1, 550, false));
    accept(new SessionEvent.Submitted("", 1, 1, 554, false));
    accept(new SessionEvent.Submitted("", 1, 1, 0, false));
    assertThat(count("postern.submissions", "outcome", "accepted")).isEqualTo(1);
    assertThat(count("postern.submissions", "outcome", "refused-for-now")).isEqualTo(1);
    assertThat(count("postern.submissions", "outcome", "refused")).isEqualTo(2);
    assertThat(count("postern.submissions", "outcome", "no-reply")).isEqualTo(1);
  }

  @Test
  void aMessageThatWasMendedIsNoViolation() {
    accept(new SessionEvent.Normalized(WireViolation.BARE_LF));
    assertThat(count("postern.messages.normalized", "service", "imaps")).isEqualTo(1);
    assertThat(count("postern.violations", "reason", "bare-lf")).isZero();
  }

  @Test
  @Tag("DEEP-7.1b")
  void countsSecurityTagsThatClientsReport() {
    accept(
        new SessionEvent.ClientIdentified(
            Map.of(
                "Latch-Failure", "tls12  tls-cert", "security-tags", "tls12 mine", "name", "x")));
    assertThat(count("postern.deep.tags", "field", "latch-fail", "tag", "tls12")).isEqualTo(1);
    assertThat(count("postern.deep.tags", "field", "latch-fail", "tag", "tls-cert")).isEqualTo(1);
    assertThat(count("postern.deep.tags", "field", "security-tags", "tag", "other")).isEqualTo(1);
  }

  @Test
  void showsAListenerBeforeItsFirstSession() {
    sink.register("pop3s", "internal");
    assertThat(count("postern.sessions", "service", "pop3s", "listener", "internal")).isZero();
    assertThat(count("postern.tls.failures", "service", "pop3s", "reason", "timeout")).isZero();
  }

  @Test
  void putsNothingOfAClientIntoATag() {
    String client = "c1ientText";
    for (SessionEvent event : EventSamples.all(client)) {
      accept(event);
      sink.accept(EventSamples.context(Optional.of(EventSamples.TLS)), event);
    }
    assertThat(registry.getMeters())
        .flatExtracting(m -> m.getId().getTags())
        .extracting(tag -> tag.getValue())
        .isNotEmpty()
        .doesNotContain(client, "192.0.2.7", "192.0.2.1", "10.0.0.5", "imap.example.org")
        .noneMatch(v -> v.contains(client));
  }

  private void accept(SessionEvent event) {
    sink.accept(EventSamples.context(Optional.empty()), event);
  }

  private double count(String name, String... tags) {
    return registry.get(name).tags(tags).counters().stream().mapToDouble(c -> c.count()).sum();
  }

  private static TlsFacts suite(String name, Optional<String> group) {
    return new TlsFacts(
        TlsVersion.TLS_1_2,
        name,
        group,
        Optional.empty(),
        Optional.empty(),
        true,
        TlsMode.STARTTLS);
  }
}
