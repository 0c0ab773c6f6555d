package dev.postern.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DepartureTest {
  private final SlowPeer peer = new SlowPeer();
  private final EmbeddedChannel channel = new EmbeddedChannel(peer);

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
    channel.close();
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
