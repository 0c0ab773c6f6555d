package dev.postern.deploy.management;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * The management endpoint: {@code GET} or {@code HEAD} of {@code /metrics}, {@code /live} and
 * {@code /ready}, over plain HTTP. It has one thread of its own, so it answers while the mail side
 * is busy and cannot hold the mail side up; connections are few, short and serve one request each.
 * See {@code docs/adr/0002-management-endpoint.md}.
 */
public final class ManagementServer implements AutoCloseable {
  private static final int MOST_CONNECTIONS = 64;
  private static final int BACKLOG = 64;
  private static final int LONGEST_HEADERS = 8192;
  private static final int LARGEST_BODY = 1024;

  private final EventLoopGroup group;
  private final ChannelGroup connections;
  private final Channel server;

  private ManagementServer(EventLoopGroup group, ChannelGroup connections, Channel server) {
    this.group = group;
    this.connections = connections;
    this.server = server;
  }

  /**
   * Binds and begins to answer.
   *
   * @param address to bind to; port 0 for any that is free
   * @param registry what {@code /metrics} shows
   * @param readiness what {@code /ready} shows
   * @throws IOException when the address cannot be bound
   */
  public static ManagementServer start(
      InetSocketAddress address, PrometheusMeterRegistry registry, Readiness readiness)
      throws IOException {
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("postern-management", true), NioIoHandler.newFactory());
    ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childHandler(new Connections(connections, registry, readiness))
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      stop(group);
      throw new IOException("cannot bind the management endpoint to " + address, bound.cause());
    }
    return new ManagementServer(group, connections, bound.channel());
  }

  /** Returns the address it is bound to. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.localAddress();
  }

  /** Stops answering: unbinds, closes what is open, and ends its thread. */
  @Override
  public void close() {
    server.close().awaitUninterruptibly();
    connections.close().awaitUninterruptibly();
    stop(group);
  }

  private static void stop(EventLoopGroup group) {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static final class Connections extends ChannelInitializer<SocketChannel> {
    private final ChannelGroup open;
    private final PrometheusMeterRegistry registry;
    private final Readiness readiness;

    Connections(ChannelGroup open, PrometheusMeterRegistry registry, Readiness readiness) {
      this.open = open;
      this.registry = registry;
      this.readiness = readiness;
    }

    @Override
    protected void initChannel(SocketChannel channel) {
      if (open.size() >= MOST_CONNECTIONS) {
        channel.close();
        return;
      }
      open.add(channel);
      channel
          .pipeline()
          .addLast(
              new HttpServerCodec(
                  new HttpDecoderConfig()
                      .setMaxInitialLineLength(LONGEST_HEADERS)
                      .setMaxHeaderSize(LONGEST_HEADERS)),
              new HttpObjectAggregator(LARGEST_BODY, true),
              new ManagementHandler(registry, readiness));
    }
  }
}
