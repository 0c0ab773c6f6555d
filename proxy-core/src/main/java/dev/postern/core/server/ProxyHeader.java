package dev.postern.core.server;

import dev.postern.core.event.ProxyHeaderFailure;
import dev.postern.core.session.Endpoints;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolException;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.TransportProtocol;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Waits for the header by which a balancer says whose connection it passes on (the PROXY protocol,
 * version 1 or 2), then makes room for the session. Whether the balancer may say so has been
 * decided before; there is no guessing whether a header comes.
 *
 * <p>A header without a client (LOCAL, UNKNOWN) is about the balancer itself, which looks whether
 * somebody is there: then its own addresses count. Many only look, and close without a word: with
 * or without such a header, that is no session where the client speaks first, and no mistake.
 */
final class ProxyHeader extends ChannelInboundHandlerAdapter {
  /** Octets of all records behind the addresses; balancers send a few hundred at most. */
  private static final int MOST_RECORD_OCTETS = 4096;

  private final Endpoints balancer;
  private final boolean clientSpeaksFirst;
  private final Duration deadline;
  private final Consumer<Endpoints> then;
  private final Consumer<ProxyHeaderFailure> refuse;
  private @Nullable ScheduledFuture<?> timer;

  private ProxyHeader(
      Endpoints balancer,
      boolean clientSpeaksFirst,
      Duration deadline,
      Consumer<Endpoints> then,
      Consumer<ProxyHeaderFailure> refuse) {
    this.balancer = balancer;
    this.clientSpeaksFirst = clientSpeaksFirst;
    this.deadline = deadline;
    this.then = then;
    this.refuse = refuse;
  }

  /**
   * Expects a header first.
   *
   * @param to a pipeline in which nothing is yet
   * @param balancer addresses of the connection itself
   * @param clientSpeaksFirst whether there is no greeting before a client has said something
   * @param deadline time for the header to come
   * @param then adds the session's handlers; they hear of the connection when it returns
   * @param refuse closes the connection
   */
  static void expect(
      ChannelPipeline to,
      Endpoints balancer,
      boolean clientSpeaksFirst,
      Duration deadline,
      Consumer<Endpoints> then,
      Consumer<ProxyHeaderFailure> refuse) {
    to.addLast(new Decoder(), new ProxyHeader(balancer, clientSpeaksFirst, deadline, then, refuse));
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    timer =
        ctx.executor()
            .schedule(
                () -> fail(ctx, ProxyHeaderFailure.TIMEOUT),
                deadline.toNanos(),
                TimeUnit.NANOSECONDS);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    Objects.requireNonNull(timer).cancel(false);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    if (msg instanceof HAProxyMessage header) {
      try {
        take(ctx, header);
      } finally {
        header.release();
      }
    } else {
      // the first that a balancer has to say for itself
      begin(ctx, balancer);
      ctx.fireChannelRead(msg);
    }
  }

  private void take(ChannelHandlerContext ctx, HAProxyMessage header) {
    boolean ofClient =
        header.command() == HAProxyCommand.PROXY
            && header.proxiedProtocol().transportProtocol() == TransportProtocol.STREAM
            && header.proxiedProtocol().addressFamily() != AddressFamily.AF_UNIX;
    if (ofClient) {
      InetAddress client = address(header.sourceAddress());
      InetAddress local = address(header.destinationAddress());
      if (client == null || local == null) {
        fail(ctx, ProxyHeaderFailure.MALFORMED);
      } else {
        begin(
            ctx,
            new Endpoints(
                new InetSocketAddress(client, header.sourcePort()),
                new InetSocketAddress(local, header.destinationPort())));
      }
    } else if (!clientSpeaksFirst) {
      begin(ctx, balancer);
    }
  }

  private static @Nullable InetAddress address(@Nullable String text) {
    return text == null ? null : NetUtil.createInetAddressFromIpAddressString(text);
  }

  /** What came with the header is passed on by the decoder, next. */
  private void begin(ChannelHandlerContext ctx, Endpoints stated) {
    then.accept(stated);
    ctx.fireChannelActive();
    ctx.pipeline().remove(this);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    ctx.pipeline().remove(this);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof HAProxyProtocolException) {
      fail(ctx, ProxyHeaderFailure.MALFORMED);
    } else {
      ctx.close();
    }
  }

  private void fail(ChannelHandlerContext ctx, ProxyHeaderFailure failure) {
    if (!ctx.isRemoved()) {
      ctx.pipeline().remove(this);
      if (ctx.pipeline().get(Decoder.class) != null) {
        ctx.pipeline().remove(Decoder.class);
      }
      refuse.accept(failure);
    }
  }

  /**
   * Does not wait for the rest of what cannot be a header by its first octet: a ClientHello, say.
   */
  private static final class Decoder extends HAProxyMessageDecoder {
    private boolean begun;

    Decoder() {
      super(MOST_RECORD_OCTETS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object msg) throws Exception {
      ByteBuf octets = (ByteBuf) msg;
      if (!begun && octets.isReadable()) {
        begun = true;
        byte first = octets.getByte(octets.readerIndex());
        if (first != 'P' && first != '\r') {
          octets.release();
          throw new HAProxyProtocolException("no header of either version begins so");
        }
      }
      super.channelRead(ctx, octets);
    }
  }
}
