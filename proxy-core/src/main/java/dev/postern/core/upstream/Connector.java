package dev.postern.core.upstream;

import dev.postern.core.backend.BackendLoss;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.resolver.AddressResolverGroup;
import io.netty.resolver.dns.DnsAddressResolverGroup;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * Makes single connections. Names are resolved anew for each, within the limits of their records'
 * time to live.
 */
public final class Connector implements AutoCloseable {
  /**
   * Octets waiting for a slow peer above which the other side is no longer read, and below which it
   * is again.
   */
  public static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  /**
   * Sizes of reads. Nothing is held between reads, so the least need not be small; the smallest
   * guesses would only cut short answers in two.
   */
  public static final RecvByteBufAllocator READ_SIZES =
      new AdaptiveRecvByteBufAllocator(2048, 8192, 65536);

  private final Transport transport;
  private final AddressResolverGroup<InetSocketAddress> resolver;

  /** Prepares connections over a transport. */
  public Connector(Transport transport) {
    this.transport = transport;
    this.resolver =
        new DnsAddressResolverGroup(
            new DnsNameResolverBuilder().datagramChannelType(transport.datagramChannel()));
  }

  /**
   * Begins a connection.
   *
   * @param loop the event loop that the channel will live on
   * @param address may be unresolved
   * @param handler the one handler of the channel
   * @param deadline time to connect
   */
  public ChannelFuture connect(
      EventLoop loop, InetSocketAddress address, ChannelHandler handler, Duration deadline) {
    return new Bootstrap()
        .group(loop)
        .channel(transport.channel())
        .resolver(resolver)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(deadline.toMillis()))
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .option(ChannelOption.RECVBUF_ALLOCATOR, READ_SIZES)
        .handler(handler)
        .connect(address);
  }

  /** Says why a connection failed. */
  public static BackendLoss loss(Throwable cause) {
    if (cause instanceof ConnectTimeoutException || cause instanceof TimeoutException) {
      return BackendLoss.TIMEOUT;
    }
    return cause instanceof ClosedChannelException ? BackendLoss.CLOSED : BackendLoss.UNREACHABLE;
  }

  /** Returns the address that a channel is connected to. */
  public static InetSocketAddress remote(Channel channel) {
    return (InetSocketAddress) channel.remoteAddress();
  }

  @Override
  public void close() {
    resolver.close();
  }
}
