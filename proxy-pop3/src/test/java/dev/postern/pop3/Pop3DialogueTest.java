package dev.postern.pop3;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.event.Limit;
import dev.postern.core.policy.Decision;
import dev.postern.core.policy.DenialReason;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import dev.postern.core.testkit.Transcript;
import dev.postern.core.tls.ClientCertificate;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import dev.postern.core.wire.BodyOutcome;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Pop3DialogueTest {
  private static final List<Path> TRANSCRIPTS =
      Transcript.in(Pop3DialogueTest.class, "/dev/postern/pop3");

  @TestFactory
  Stream<DynamicTest> transcripts() {
    return TRANSCRIPTS.stream()
        .map(f -> DynamicTest.dynamicTest(f.getFileName().toString(), () -> play(f)));
  }

  @Test
  @Tag("CCO-3.1")
  void greetsAfterTheHandshakeAndAsksForALogin() {
    play("login-user-pass");
  }

  @ParameterizedTest
  @Tag("CCO-3.1")
  @Tag("CCO-4.2b")
  @ValueSource(strings = {"external", "external-for-another", "external-refused-at-the-backend"})
  void aCertificateIsForExternalAndForNothingElse(String transcript) {
    play(transcript);
  }

  @Test
  @Tag("CCO-4.2b")
  void theMasterUserIsRefusedLikeAWrongPassword() {
    play("refused-master-user");
  }

  @ParameterizedTest
  @Tag("CCO-4.2b")
  @ValueSource(
      strings = {
        "external-without-certificate",
        "external-without-master-user",
        "external-without-plain-at-the-backend",
        "external-in-clear"
      })
  void externalIsOfferedOnlyWhereItCanSucceed(String transcript) {
    play(transcript);
  }

  @ParameterizedTest
  @Tag("CCO-4.1a")
  @Tag("CCO-4.1b")
  @ValueSource(strings = {"no-credentials-before-tls", "stls-only-way-in", "denied-tls-required"})
  void aDenialOnCleartextIsTheSameWhateverTheCredentials(String transcript) {
    play(transcript);
  }

  @Test
  @Tag("CCO-4.1c")
  void anExposedPasswordMustBeChangedFirst() {
    play("denied-password-exposed");
  }

  @ParameterizedTest
  @Tag("CCO-4.1d")
  @ValueSource(strings = {"tls-too-old-for-anybody", "denied-tls-too-old"})
  void oldTlsIsAcceptedAndAuthenticationRefused(String transcript) {
    play(transcript);
  }

  @ParameterizedTest
  @Tag("DEEP-7.2")
  @ValueSource(strings = {"stls", "no-credentials-before-tls"})
  void capaShowsTheStatusBeforeAndAfterStls(String transcript) {
    play(transcript);
  }

  @Test
  @Tag("DEEP-9.2a")
  void stlsIsNotOfferedWhenItWouldFail() {
    play("stls-unavailable");
  }

  /**
   * Seeded: whatever happens in whatever order, nothing throws and the rules of the driver are
   * kept.
   */
  @Test
  void survivesAnything() {
    for (int seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      Dialogue dialogue =
          new Pop3Protocol()
              .open(
                  LoggedIn.facts(any(random, List.of(BackendProfile.values()))), LoggedIn.terms());
      boolean closed = false;
      for (int i = 0; i < 40; i++) {
        List<Effect> effects = dialogue.on(anything(random));
        assertThat(closed && !effects.isEmpty())
            .as("seed %d: effects after the end", seed)
            .isFalse();
        long asked = effects.stream().filter(Effect.ReadLine.class::isInstance).count();
        closed |= effects.stream().anyMatch(Effect.Close.class::isInstance);
        assertThat(asked).as("seed %d", seed).isLessThanOrEqualTo(closed ? 0 : 1);
        effects.forEach(Pop3DialogueTest::release);
      }
    }
  }

  private static final List<String> LINES =
      List.of(
          "CAPA",
          "QUIT",
          "STLS",
          "USER alice",
          "USER",
          "USER \u0001",
          "PASS secret",
          "PASS ",
          "PASS",
          "AUTH",
          "AUTH PLAIN",
          "AUTH EXTERNAL",
          "AUTH EXTERNAL =",
          "AUTH EXTERNAL YWxpY2U=",
          "AUTH EXTERNAL Ym9i",
          "AUTH LOGIN",
          "AUTH PLAIN =",
          "AUTH PLAIN AGFsaWNlAHNlY3JldA==",
          "AUTH PLAIN ",
          "AUTH  PLAIN",
          "YWxpY2U=",
          "*",
          "",
          " ",
          "XCLIENT A",
          "GET / HTTP/1.1",
          "+OK",
          "+OK [XCLIENT] hi",
          "-ERR",
          "-ERR [",
          "-ERR []",
          "-ERR [SYS/TEMP",
          "+",
          "+ ",
          "-ERR [AUTH] no",
          "NOOP",
          "\u00e9",
          "x".repeat(400));

  private static Signal anything(Random random) {
    return switch (random.nextInt(24)) {
      case 0, 1 -> new Signal.Ready(tls(random), random.nextInt(4) > 0);
      case 2 ->
          new Signal.ClientTls(tls(random).orElseGet(Pop3DialogueTest::tls), random.nextBoolean());
      case 3 -> any(random, List.of(new Signal.Resumed(), new Signal.BackendConnected()));
      case 4 -> new Signal.Resumed();
      case 5, 6 -> new Signal.BackendConnected();
      case 7, 8 -> new Signal.Decided(new Decision.Allow("default"));
      case 9 ->
          new Signal.Decided(
              new Decision.Deny("default", any(random, List.of(DenialReason.values()))));
      case 10 -> new Signal.BackendLost(any(random, List.of(BackendLoss.values())));
      case 11 ->
          random.nextInt(8) > 0
              ? new Signal.BodyDone(new BodyOutcome.Complete(1))
              : any(
                  random,
                  List.of(
                      new Signal.Shutdown(),
                      new Signal.TimedOut(any(random, List.of(Limit.values()))),
                      new Signal.Refused(any(random, List.of(Limit.values()))),
                      new Signal.ClientViolation(any(random, List.of(WireViolation.values())))));
      case 12 -> line(random, Signal.ClientUnit::new);
      case 13 -> line(random, Signal.BackendUnit::new);
      case 14 -> line(random, Signal.ClientOctets::new);
      case 15, 16, 17, 18 -> line(random, Signal.BackendLine::new);
      default -> line(random, Signal.ClientLine::new);
    };
  }

  private static Signal line(Random random, Function<ByteBuf, Signal> kind) {
    return kind.apply(Unpooled.copiedBuffer(any(random, LINES), UTF_8));
  }

  private static <T> T any(Random random, List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private static Optional<TlsFacts> tls(Random random) {
    return random.nextBoolean() ? Optional.of(tls()) : Optional.empty();
  }

  private static TlsFacts tls() {
    return new TlsFacts(
        TlsVersion.TLS_1_3,
        "TLS_AES_128_GCM_SHA256",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        TlsMode.STARTTLS,
        Optional.of(new ClientCertificate("CN=a", List.of(), "ab", Optional.of("alice"))));
  }

  private static void release(Effect effect) {
    switch (effect) {
      case Effect.Reply r -> r.octets().release();
      case Effect.ToBackend b -> b.octets().release();
      case Effect.UpgradeClientTls u -> u.reply().release();
      default -> {}
    }
  }

  private static void play(String name) {
    play(
        TRANSCRIPTS.stream().filter(f -> f.endsWith(name + ".dialogue")).findFirst().orElseThrow());
  }

  private static void play(Path file) {
    Transcript.play(new Pop3Protocol(), file);
  }
}
