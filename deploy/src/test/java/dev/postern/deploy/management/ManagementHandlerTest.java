package dev.postern.deploy.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ManagementHandlerTest {
  private final SlowPeer peer = new SlowPeer();
  private final EmbeddedChannel channel = new EmbeddedChannel();

  ManagementHandlerTest() {
    channel.freezeTime();
    channel
        .pipeline()
        .addLast(
            peer,
            new ManagementHandler(
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), () -> List.of()));
    channel.pipeline().fireChannelActive();
  }

  @Test
  void answersOnceEvenWhileTheAnswerIsUnderway() {
    channel.writeInbound(live(), live());
    assertThat(peer.writes).isEqualTo(1);
    assertThat(channel.isOpen()).isTrue();
  }

  @Test
  void cutsOffAPeerThatDoesNotReadItsAnswer() {
    channel.writeInbound(live());
    pass(9);
    assertThat(channel.isOpen()).isTrue();
    pass(1);
    assertThat(channel.isOpen()).isFalse();
  }

  @Test
  void cutsOffAPeerThatAsksNothing() {
    pass(10);
    assertThat(channel.isOpen()).isFalse();
  }

  private void pass(long seconds) {
    channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
    channel.runScheduledPendingTasks();
  }

  private static FullHttpRequest live() {
    return new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/live");
  }

  /** Takes answers and never finishes them. */
  private static final class SlowPeer extends ChannelOutboundHandlerAdapter {
    int writes;

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
      writes++;
      ReferenceCountUtil.release(message);
    }
  }
}
