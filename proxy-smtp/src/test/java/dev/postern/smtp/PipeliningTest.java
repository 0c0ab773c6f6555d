package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.deep.DeepStatus;
import dev.postern.core.event.Limit;
import dev.postern.core.policy.Decision;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.protocol.Signal;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.snapshot.TraceSettings;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.wire.BodyFraming;
import dev.postern.core.wire.BodyOutcome;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * However commands and replies interleave, each command gets its own reply, and in its turn (RFC
 * 2920 §3.2).
 */
class PipeliningTest {
  private static final String CHUNK = "chunk ";

  private final List<String> replies = new ArrayList<>();
  private final Deque<String> atBackend = new ArrayDeque<>();
  private Dialogue dialogue;
  private final List<Effect.IdleTimeout> idle = new ArrayList<>();
  private boolean asked;
  private long body;

  @BeforeEach
  void logIn() {
    begin(new SubmissionProtocol());
  }

  private void begin(SubmissionProtocol protocol) {
    replies.clear();
    atBackend.clear();
    asked = false;
    body = -1;
    dialogue =
        protocol.open(
            new SessionFacts(
                "01JD0000000000000000000000",
                "submissions",
                TlsMode.IMPLICIT,
                false,
                new InetSocketAddress("192.0.2.4", 4711),
                new InetSocketAddress("198.51.100.1", 465),
                BackendProfile.PLAIN,
                new BackendOffer(List.of("PIPELINING", "CHUNKING", "AUTH PLAIN"), true, List.of())),
            new Terms(
                "mail.example.org",
                Optional.empty(),
                DeepStatus.NONE,
                Limits.DEFAULT,
                TraceSettings.DEFAULT));
    take(dialogue.on(new Signal.Ready(Optional.empty(), true)));
    client("EHLO laptop.example");
    client("AUTH PLAIN AGFsaWNlAHNlY3JldA==");
    take(dialogue.on(new Signal.Decided(new Decision.Allow("default"))));
    take(dialogue.on(new Signal.BackendConnected()));
    backend("220 hello");
    backend("250-backend");
    backend("250-PIPELINING");
    backend("250-CHUNKING");
    backend("250 AUTH PLAIN");
    backend("235 ok");
    replies.clear();
    atBackend.clear();
  }

  @Test
  void asksForNoMoreThanTheLimit() {
    for (int i = 0; i < Limits.DEFAULT.pipelinedCommands(); i++) {
      client("RCPT TO:<" + i + "@example.org>");
    }
    assertThat(asked).isFalse();
    backend("250 one");
    assertThat(asked).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"NOOP", "DATA"})
  void sendsNothingBehindACommandThatMustBeTheLastOfItsGroup(String last) {
    client("RSET");
    assertThat(asked).isTrue();
    client(last);
    assertThat(asked).isFalse();
    backend("250 of RSET");
    assertThat(asked).isFalse();
    backend("503 of " + last);
    assertThat(asked).isTrue();
  }

  /** RFC 5321 §4.5.3.2: five minutes for each reply, however many commands come meanwhile. */
  @Test
  void theBackendsTimeRunsFromItsLastReplyOrTheFirstCommand() {
    idle.clear();
    client("RSET");
    assertThat(idle)
        .containsExactly(new Effect.IdleTimeout(Duration.ofMinutes(5), true, Limit.REPLY_DEADLINE));
    client("RSET");
    client("FROB");
    backend("250 one");
    assertThat(idle).hasSize(1);
    backend("250 two");
    assertThat(idle.subList(1, idle.size()))
        .containsExactly(new Effect.IdleTimeout(Duration.ofMinutes(5), false, Limit.IDLE_TIMEOUT));
  }

  @Test
  void everyCommandGetsItsOwnReplyInItsTurn() {
    for (int seed = 0; seed < 300; seed++) {
      begin(new SubmissionProtocol());
      Random random = new Random(seed);
      List<String> expected = new ArrayList<>();
      int sent = 0;
      int bad = 0;
      int steps = 0;
      while (sent < 60 || !atBackend.isEmpty() || body >= 0) {
        assertThat(steps++).as("seed %d: stuck", seed).isLessThan(10_000);
        if (body >= 0) {
          long octets = body;
          body = -1;
          atBackend.add(CHUNK + octets);
          take(dialogue.on(new Signal.BodyDone(new BodyOutcome.Complete(octets))));
        } else if (asked && sent < 60 && random.nextInt(3) > 0) {
          sent++;
          bad = send(random.nextInt(9), sent, bad, expected);
        } else if (!atBackend.isEmpty()) {
          answer(atBackend.remove(), random);
        }
      }
      assertThat(asked).as("seed %d: the client may go on", seed).isTrue();
      assertThat(replies).as("seed %d", seed).isEqualTo(expected);
    }
  }

  /**
   * Sends the nth command and notes the code that begins its reply, and its number where the
   * backend gave it one.
   */
  private int send(int kind, int n, int bad, List<String> expected) {
    switch (kind) {
      case 0, 1 -> expect("MAIL FROM:<" + n + "@example.org>", expected, "250 " + n);
      case 2, 3 -> expect("RCPT TO:<" + n + "@example.org>", expected, "250 " + n);
      case 4 -> expect("VRFY " + n, expected, "252");
      case 5 -> expect("NOOP " + n, expected, "250 " + n);
      case 6 -> expect("BDAT " + n + " LAST", expected, "250-chunk " + n);
      case 7 -> expect("EHLO " + n, expected, "250-mail.example.org");
      default -> {
        if (bad == Limits.DEFAULT.badCommands()) {
          expect("HELP", expected, "214");
          return bad;
        }
        expect("FROB " + n, expected, "500");
        return bad + 1;
      }
    }
    return bad;
  }

  private void expect(String command, List<String> expected, String reply) {
    expected.add(reply);
    client(command);
  }

  /** The backend answers with the number that the command has, sometimes in two lines. */
  private void answer(String command, Random random) {
    String number = command.replaceAll("[^0-9]", "");
    if (command.startsWith(CHUNK)) {
      backend("250-chunk " + number);
      backend("250 taken");
      return;
    }
    if (random.nextInt(3) == 0) {
      backend("250-" + number);
    }
    backend("250 " + number);
  }

  private void client(String line) {
    assertThat(asked).isTrue();
    asked = false;
    signal(line, b -> new Signal.ClientLine(b));
  }

  private void backend(String line) {
    signal(line, b -> new Signal.BackendLine(b));
  }

  private void signal(String line, Function<ByteBuf, Signal> kind) {
    ByteBuf b = Unpooled.copiedBuffer(line + "\r\n", US_ASCII);
    try {
      take(dialogue.on(kind.apply(b.writerIndex(line.length()))));
    } finally {
      b.release();
    }
  }

  private void take(List<Effect> effects) {
    for (Effect e : effects) {
      switch (e) {
        case Effect.Reply r -> replies.add(first(text(r.octets())));
        case Effect.ToBackend b -> {
          String command = text(b.octets());
          if (!command.startsWith("BDAT ")) {
            atBackend.add(command);
          }
        }
        case Effect.StreamBody s -> {
          text(s.prefix().before('x'));
          body = ((BodyFraming.Counted) s.framing()).count();
        }
        case Effect.ReadLine r -> {
          assertThat(asked).isFalse();
          asked = true;
        }
        case Effect.IdleTimeout i -> idle.add(i);
        case Effect.Close c -> throw new AssertionError("closed: " + c);
        default -> {}
      }
    }
  }

  /**
   * Of a reply only what the model can know: the code of the proxy's own, code and number of the
   * backend's.
   */
  private static String first(String reply) {
    String line = reply.substring(0, reply.indexOf("\r\n"));
    return line.startsWith("250-mail") || line.startsWith("250-chunk")
        ? line
        : line.startsWith("250") ? "250 " + line.substring(4) : line.substring(0, 3);
  }

  private static String text(ByteBuf octets) {
    try {
      return octets.toString(US_ASCII);
    } finally {
      octets.release();
    }
  }
}
