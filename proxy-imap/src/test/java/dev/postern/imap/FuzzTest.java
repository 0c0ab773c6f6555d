package dev.postern.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.deep.DeepStatus;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.policy.Decision;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.protocol.Signal;
import dev.postern.core.sasl.MasterUser;
import dev.postern.core.sasl.Secret;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.snapshot.TraceSettings;
import dev.postern.core.tls.ClientCertificate;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a client or a backend says: the dialogue answers with values, and ends. */
class FuzzTest {
  private static final String[] WORDS = {
    "a ",
    "LOGIN ",
    "AUTHENTICATE ",
    "PLAIN",
    "EXTERNAL =",
    "ID ",
    "(",
    ")",
    "\"",
    "\\",
    "{3}",
    "{3+}",
    "{0+}",
    "*",
    "NOOP",
    "CAPABILITY",
    "STARTTLS",
    "NIL",
    " ",
    "alice",
    "AGFsaWNlAHNlY3JldA==",
    "\u00e4",
    "\u0007",
    "* OK",
    "[CAPABILITY X",
    "]",
    "L OK",
    "I OK",
    "+",
    "L NO [LIMIT]",
    "* BYE",
    "LOGIN alice secret"
  };

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13})
  void nothingThrows(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 700; round++) {
      Dialogue dialogue = open(random);
      assertThatCode(() -> new Tally().play(dialogue, random)).doesNotThrowAnyException();
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23})
  void everyAttemptHasOneOutcome(long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < 700; round++) {
      Tally tally = new Tally();
      tally.play(open(random), random);
      assertThat(tally.outcomes).isEqualTo(tally.attempts);
    }
  }

  /** Plays a session, and counts. */
  private static final class Tally {
    private int attempts;
    private int outcomes;

    private void play(Dialogue dialogue, Random random) {
      Effect demand =
          perform(
              dialogue.on(
                  new Signal.Ready(
                      random.nextBoolean() ? Optional.of(certified()) : Optional.empty(),
                      random.nextInt(4) > 0)));
      for (int i = random.nextInt(40); i >= 0; i--) {
        demand =
            switch (demand) {
              case Effect.ReadLine line -> line(dialogue, random, true);
              case Effect.ReadOctets octets -> octets(dialogue, octets.count());
              case Effect.Decide decide ->
                  perform(dialogue.on(new Signal.Decided(new Decision.Allow("default"))));
              case Effect.Pause pause -> perform(dialogue.on(new Signal.Resumed()));
              case Effect.Close close -> demand;
              default -> line(dialogue, random, false);
            };
      }
      perform(dialogue.on(new Signal.Shutdown()));
    }

    private Effect line(Dialogue dialogue, Random random, boolean client) {
      StringBuilder text = new StringBuilder(client && random.nextInt(4) > 0 ? "a " : "");
      for (int n = random.nextInt(6); n > 0; n--) {
        text.append(WORDS[random.nextInt(WORDS.length)]);
      }
      ByteBuf octets = Unpooled.copiedBuffer(text, ISO_8859_1);
      try {
        return perform(
            dialogue.on(client ? new Signal.ClientLine(octets) : new Signal.BackendLine(octets)));
      } finally {
        octets.release();
      }
    }

    private Effect octets(Dialogue dialogue, int count) {
      ByteBuf octets = Unpooled.buffer(count).writeZero(count);
      try {
        return perform(dialogue.on(new Signal.ClientOctets(octets)));
      } finally {
        octets.release();
      }
    }

    /** Releases what is written and returns what the dialogue waits for. */
    private Effect perform(List<Effect> effects) {
      Effect last = new Effect.Connect("");
      for (Effect effect : effects) {
        switch (effect) {
          case Effect.Reply(ByteBuf octets) -> octets.release();
          case Effect.ToBackend(ByteBuf octets) -> octets.release();
          case Effect.UpgradeClientTls(ByteBuf octets) -> {
            octets.release();
            last = new Effect.Connect("");
          }
          case Effect.Emit(SessionEvent.LoginEnded ended) ->
              outcomes += ended.user().isEmpty() ? 0 : 1;
          case Effect.Decide decide -> {
            attempts++;
            last = decide;
          }
          default -> last = effect;
        }
      }
      return last;
    }
  }

  private static TlsFacts certified() {
    return new TlsFacts(
        TlsVersion.TLS_1_3,
        "TLS_AES_128_GCM_SHA256",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        TlsMode.IMPLICIT,
        Optional.of(new ClientCertificate("CN=a", List.of(), "ab", Optional.of("alice"))));
  }

  private static Dialogue open(Random random) {
    return new ImapProtocol()
        .open(
            new SessionFacts(
                "S",
                "imap",
                random.nextBoolean() ? TlsMode.STARTTLS : TlsMode.IMPLICIT,
                true,
                new InetSocketAddress("192.0.2.1", 1),
                new InetSocketAddress("192.0.2.2", 143),
                BackendProfile.DOVECOT_2_4,
                new ImapProtocol().info().assumed(),
                Optional.of(new MasterUser("proxy", Secret.copyOf(new byte[] {'p'}))),
                random.nextBoolean()),
            new Terms(
                "mail.example.org",
                Optional.empty(),
                DeepStatus.NONE,
                Limits.DEFAULT,
                TraceSettings.DEFAULT));
  }
}
