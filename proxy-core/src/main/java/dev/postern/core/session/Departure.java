package dev.postern.core.session;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.concurrent.TimeUnit;

/**
 * Ways to close a channel after everything written to it has gone out; close_notify goes first
 * (CCO-3.4). A peer that takes its time gets it, as long as it takes anything at all.
 */
final class Departure {
  private static final long LINGER_SECONDS = 2;
  private static final int LONGEST_LINGER = 15;
  private static final long STALLED_SECONDS = 30;

  private Departure() {}

  /** Closes a channel whose peer is not expected to be sending. */
  static void close(Channel channel) {
    afterAllWritten(channel, channel::close);
  }

  /**
   * Closes a channel whose peer may still be sending: a socket closed with octets unread is reset,
   * and the reset overtakes the reply that says why. So only the sending half is closed, and what
   * still comes is read and dropped, until nothing has come for a moment, or half a minute is over:
   * a program that sends a large message looks for a reply only behind its end.
   */
  static void linger(Channel channel) {
    channel.config().setAutoRead(true);
    afterAllWritten(
        channel,
        () -> {
          SslHandler tls = channel.pipeline().get(SslHandler.class);
          if (tls != null) {
            tls.closeOutbound().addListener(said -> shutOutput(channel));
          } else {
            shutOutput(channel);
          }
          channel.pipeline().addFirst(new Dropping());
        });
  }

  /** Drops what comes, as it comes, and closes the channel in the end. */
  private static final class Dropping extends ChannelInboundHandlerAdapter {
    private boolean came;
    private int looks;

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
      ctx.executor().schedule(() -> look(ctx), LINGER_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) {
      ReferenceCountUtil.release(msg);
      came = true;
    }

    private void look(ChannelHandlerContext ctx) {
      if (came && ++looks < LONGEST_LINGER) {
        came = false;
        ctx.executor().schedule(() -> look(ctx), LINGER_SECONDS, TimeUnit.SECONDS);
      } else {
        ctx.channel().close();
      }
    }
  }

  private static void shutOutput(Channel channel) {
    if (channel instanceof DuplexChannel duplex && channel.isActive()) {
      duplex.shutdownOutput();
    }
  }

  private static void afterAllWritten(Channel channel, Runnable then) {
    if (!channel.isActive()) {
      channel.close();
      return;
    }
    channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> then.run());
    if (waiting(channel) > 0) {
      watch(channel, waiting(channel));
    }
  }

  /** Cuts a peer off that has taken nothing since the last look. */
  private static void watch(Channel channel, long before) {
    channel
        .eventLoop()
        .schedule(
            () -> {
              long now = waiting(channel);
              if (now > 0 && now >= before) {
                channel.unsafe().closeForcibly();
                channel.close();
              } else if (now > 0) {
                watch(channel, now);
              }
            },
            STALLED_SECONDS,
            TimeUnit.SECONDS);
  }

  private static long waiting(Channel channel) {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.totalPendingWriteBytes();
  }
}
