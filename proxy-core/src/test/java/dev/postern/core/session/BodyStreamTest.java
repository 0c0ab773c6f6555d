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
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
  void whatIsDiscardedReachesNobody() {
    assertThat(send(new BodyFraming.Discarded(5), "abc\r\nNOOP\r\n")).isEmpty();
    assertThat(outcomes).containsExactly(new BodyOutcome.Complete(5));
    assertThat(backend.isOpen()).isTrue();
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

  /**
   * What some server takes for the end of a message: a dot on a line of its own, with whatever it
   * takes for line ends around it.
   */
  private static final Pattern LENIENT_END = Pattern.compile("(?s).*[\r\n]\\.[\r\n].*");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\r\n.\r\n",
        "a\n.\nb",
        "a\n.\r\nb",
        "a\r\n.\nb",
        "a\r.\rb",
        "a\r.\r\nb",
        "a\r\n.\rb",
        "a\r\n.\r\r\nb",
        "a\r\r\n.\r\nb",
        "a\r\n.\r.\r\nb",
        "a\r\n.\0\r\nb",
        "a\r\n.\r\0\nb",
        ".\rb",
        ".\r\n"
      })
  void whateverIsPassedOnHasNoEndThatALenientServerCouldSee(String body) {
    for (int first = 0; first <= body.length(); first++) {
      for (int second = first; second <= body.length(); second++) {
        List<String> pieces =
            List.of(
                body.substring(0, first), body.substring(first, second), body.substring(second));
        BodyStreamTest passage = new BodyStreamTest();
        passage.attach();
        try {
          passage.passesOnNoLenientEnd(pieces);
        } finally {
          passage.stop();
        }
      }
    }
  }

  private void passesOnNoLenientEnd(List<String> pieces) {
    flow.streamBody(
        first -> Unpooled.copiedBuffer("354\r\n", US_ASCII), new BodyFraming.DotTerminated());
    StringBuilder got = new StringBuilder();
    for (String piece : pieces) {
      flow.fromClient(Unpooled.copiedBuffer(piece, US_ASCII));
      got.append(received());
      if (outcomes.isEmpty() || outcomes.get(0) instanceof BodyOutcome.Violated) {
        assertThat(got.toString()).as("%s", pieces).doesNotMatch(LENIENT_END);
      }
    }
    String body = String.join("", pieces);
    String passed = got.substring("354\r\n".length());
    assertThat(body).as("%s", pieces).startsWith(passed);
    switch (outcomes.get(0)) {
      case BodyOutcome.Violated violated ->
          assertThat(violated.octets()).as("%s", pieces).isEqualTo(passed.length());
      case BodyOutcome.Complete complete -> {
        assertThat(complete.octets()).as("%s", pieces).isEqualTo(body.length() - 3);
        assertThat(passed).as("%s", pieces).isEqualTo(body);
      }
      case BodyOutcome.TooLarge large -> throw new AssertionError(large);
    }
  }

  private String send(BodyFraming framing, String octets) {
    flow.streamBody(first -> Unpooled.copiedBuffer("field ", US_ASCII), framing);
    for (int i = 0; i < octets.length(); i++) {
      flow.fromClient(Unpooled.copiedBuffer(octets, i, 1, US_ASCII));
    }
    return received();
  }

  private String received() {
    flow.flush();
    StringBuilder out = new StringBuilder();
    for (ByteBuf b = backend.readOutbound(); b != null; b = backend.readOutbound()) {
      out.append(b.toString(US_ASCII));
      b.release();
    }
    return out.toString();
  }
}
