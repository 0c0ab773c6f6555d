package dev.postern.core.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Promise;
import io.netty.util.concurrent.ScheduledFuture;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Waits until a backend has spoken: a connection alone only says that its kernel is alive. Leaves
 * the pipeline with the first octets.
 */
final class Greeting extends ChannelInboundHandlerAdapter {
  private final Promise<?> spoken;
  private final Duration deadline;
  private @Nullable ScheduledFuture<?> timer;

  /**
   * Makes a handler for one channel.
   *
   * @param spoken succeeds with the first octets, fails when there are none in time
   */
  Greeting(Promise<?> spoken, Duration deadline) {
    this.spoken = spoken;
    this.deadline = deadline;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    timer =
        ctx.executor()
            .schedule(
                () -> spoken.tryFailure(new TimeoutException()),
                deadline.toMillis(),
                TimeUnit.MILLISECONDS);
    ctx.fireChannelActive();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    cancel();
    ctx.pipeline().remove(this);
    spoken.trySuccess(null);
    ctx.fireChannelRead(msg);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    cancel();
    spoken.tryFailure(new ClosedChannelException());
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    spoken.tryFailure(cause);
    ctx.close();
  }

  private void cancel() {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}
