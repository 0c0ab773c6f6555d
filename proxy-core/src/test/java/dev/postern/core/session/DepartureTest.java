package dev.postern.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DepartureTest {
  private final SlowPeer peer = new SlowPeer();
  private final MockTicker clock = Ticker.newMockTicker();
  private final EmbeddedChannel channel =
      EmbeddedChannel.builder().handlers(peer).ticker(clock).build();

  @Test
  void closesOnlyWhenThePeerHasTakenWhatWasWritten() {
    Departure.close(channel);
    assertThat(channel.isOpen()).isTrue();
    peer.takeAll();
    channel.runPendingTasks();
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void lingersOnlyAfterThePeerHasTakenWhatWasWritten() {
    Departure.linger(channel);
    assertThat(channel.isOpen()).isTrue();
    assertThat(channel.runScheduledPendingTasks()).as("no end of a wait yet").isNegative();
    peer.takeAll();
    assertThat(channel.runScheduledPendingTasks()).as("the end of the wait").isPositive();
    pass();
    assertThat(channel.isOpen()).as("nothing came").isFalse();
  }

  /** Who sends a large message looks for a reply only behind its end. */
  @Test
  void hearsOutWhoGoesOnSendingForHalfAMinute() {
    Departure.linger(channel);
    peer.takeAll();
    for (int seconds = 0; seconds < 30; seconds += 2) {
      assertThat(channel.isOpen()).as("after %d s", seconds).isTrue();
      ByteBuf more = channel.alloc().buffer().writeZero(10);
      channel.writeInbound(more);
      assertThat(more.refCnt()).as("dropped").isZero();
      pass();
    }
    assertThat(channel.isOpen()).isFalse();
  }

  private void pass() {
    clock.advance(2, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
    channel.runPendingTasks();
  }

  /** Takes what is written when told to, as a socket does whose other end is slow. */
  private static final class SlowPeer extends ChannelOutboundHandlerAdapter {
    private final List<ChannelPromise> waiting = new ArrayList<>();

    @Override
    public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) {
      ReferenceCountUtil.release(msg);
      waiting.add(promise);
    }

    void takeAll() {
      waiting.forEach(ChannelPromise::setSuccess);
    }
  }
}
