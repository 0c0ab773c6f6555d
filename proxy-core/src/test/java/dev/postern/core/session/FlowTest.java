package dev.postern.core.session;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.protocol.BodyPrefix;
import dev.postern.core.protocol.Signal;
import dev.postern.core.wire.BodyFraming;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FlowTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final List<String> lines = new ArrayList<>();
  private final Flow flow = new Flow(new Peer(channel), 8192, new Lines());

  @AfterEach
  void stop() {
    flow.stop();
    channel.finishAndReleaseAll();
  }

  @Test
  void aClientThatDoesNotReadItsRepliesIsNotListenedTo() {
    flow.readLine();
    takesMore(false);
    flow.fromClient(Unpooled.copiedBuffer("one\r\ntwo\r\n", US_ASCII));
    assertThat(lines).isEmpty();
    assertThat(channel.config().isAutoRead()).isFalse();
    takesMore(true);
    flow.pump();
    assertThat(lines).containsExactly("one", "two");
    assertThat(channel.config().isAutoRead()).isTrue();
  }

  @Test
  void aBackendThatTakesNoMoreOfAMessageStopsItsClient() {
    EmbeddedChannel backend = new EmbeddedChannel();
    flow.attach(backend);
    flow.streamBody(BodyPrefix.NONE, new BodyFraming.Counted(1000));
    flow.fromClient(Unpooled.copiedBuffer("some", US_ASCII));
    assertThat(channel.config().isAutoRead()).isTrue();
    backend.unsafe().outboundBuffer().setUserDefinedWritability(1, false);
    flow.fromClient(Unpooled.copiedBuffer("more", US_ASCII));
    assertThat(channel.config().isAutoRead()).isFalse();
    backend.unsafe().outboundBuffer().setUserDefinedWritability(1, true);
    flow.throttle();
    assertThat(channel.config().isAutoRead()).isTrue();
    backend.releaseOutbound();
  }

  private void takesMore(boolean yes) {
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, yes);
  }

  /** Asks for line after line. */
  private final class Lines extends Silent {
    @Override
    public void on(Signal signal) {
      if (signal instanceof Signal.ClientLine line) {
        lines.add(line.line().toString(US_ASCII));
        flow.readLine();
      }
    }
  }

  /** Expects nothing to go wrong. */
  abstract static class Silent implements Flow.Listener {

    @Override
    public void onClientViolation(WireViolation violation) {
      throw new AssertionError(violation);
    }

    @Override
    public void onBackendViolation() {
      throw new AssertionError();
    }

    @Override
    public void onFramingLost(boolean ofClient) {
      throw new AssertionError();
    }

    @Override
    public void onDefect(RuntimeException defect) {
      throw defect;
    }

    @Override
    public boolean isOver() {
      return false;
    }
  }
}
