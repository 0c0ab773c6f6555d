package dev.postern.core.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.protocol.Signal;
import dev.postern.core.wire.BodyFraming;
import dev.postern.core.wire.BodyOutcome;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bodies on their way through a flow, whole and octet by octet. */
class BodyStreamTest {
  private final EmbeddedChannel client = new EmbeddedChannel();
  private final EmbeddedChannel backend = new EmbeddedChannel();
  private final List<BodyOutcome> outcomes = new ArrayList<>();
  private final Flow flow =
      new Flow(
          new Peer(client),
          8192,
          new FlowTest.Silent() {
            @Override
            public void on(Signal signal) {
              if (signal instanceof Signal.BodyDone done) {
                outcomes.add(done.outcome());
              }
            }
          });

  @BeforeEach
  void attach() {
    flow.attach(backend);
  }

  @AfterEach
  void stop() {
    flow.stop();
    client.finishAndReleaseAll();
    backend.finishAndReleaseAll();
  }

  @Test
  void aBodyOfTheGreatestSizePasses() {
    assertThat(send(new BodyFraming.DotTerminated(5, false), "abc\r\n.\r\n"))
        .isEqualTo("field abc\r\n.\r\n");
    assertThat(outcomes).containsExactly(new BodyOutcome.Complete(5));
    assertThat(backend.isOpen()).isTrue();
  }

  @Test
  void oneThatIsTooLargeNeverEnds() {
    String sent = send(new BodyFraming.DotTerminated(5, false), "abcd\r\n.\r\nQUIT\r\n");
    assertThat(sent).doesNotContain("\r\n.\r\n");
    assertThat(outcomes).containsExactly(new BodyOutcome.TooLarge(9));
    assertThat(backend.isOpen()).isFalse();
  }

  @Test
  void theClientIsHeardOutAsFarAsIsBearable() {
    send(new BodyFraming.DotTerminated(5, false), "abcdefghij");
    assertThat(outcomes).isEmpty();
    flow.fromClient(Unpooled.copiedBuffer("kl", US_ASCII));
    assertThat(outcomes).containsExactly(new BodyOutcome.TooLarge(12));
  }

  @Test
  void newlinesAreMendedOnTheWay() {
    assertThat(send(new BodyFraming.DotTerminated(100, true), "a\n.\r\nb\r\n.\r\nQUIT\r\n"))
        .isEqualTo("field a\r\n..\r\nb\r\n.\r\n");
    assertThat(outcomes)
        .containsExactly(new BodyOutcome.Complete(8, Optional.of(WireViolation.BARE_LF)));
  }

  @Test
  void aNulIsNot() {
    assertThat(send(new BodyFraming.DotTerminated(100, true), "a\nb\0c")).isEqualTo("field a\r\nb");
    assertThat(outcomes).containsExactly(new BodyOutcome.Violated(WireViolation.NUL, 3));
  }

  private String send(BodyFraming framing, String octets) {
    flow.streamBody(Unpooled.copiedBuffer("field ", US_ASCII), framing);
    for (int i = 0; i < octets.length(); i++) {
      flow.fromClient(Unpooled.copiedBuffer(octets, i, 1, US_ASCII));
    }
    flow.flush();
    StringBuilder out = new StringBuilder();
    for (ByteBuf b = backend.readOutbound(); b != null; b = backend.readOutbound()) {
      out.append(b.toString(US_ASCII));
      b.release();
    }
    return out.toString();
  }
}
