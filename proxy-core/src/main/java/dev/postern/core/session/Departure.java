package dev.postern.core.session;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/**
 * Ways to close the client's channel after everything written to it has gone out; close_notify goes
 * first (CCO-3.4).
 */
final class Departure {
  private static final long LINGER_SECONDS = 2;

  private Departure() {}

  /** Closes a channel whose client is not expected to be sending. */
  static void close(Channel channel) {
    channel.close();
  }

  /**
   * Closes a channel whose client may still be sending: a socket closed with octets unread is
   * reset, and the reset overtakes the reply that says why. So only the sending half is closed, and
   * what still comes is read and dropped for a moment.
   */
  static void linger(Channel channel) {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    ChannelFuture said =
        tls != null ? tls.closeOutbound() : channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
    said.addListener(
        done -> {
          if (channel instanceof DuplexChannel duplex && channel.isActive()) {
            duplex.shutdownOutput();
          }
        });
    channel.config().setAutoRead(true);
    channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
  }
}
