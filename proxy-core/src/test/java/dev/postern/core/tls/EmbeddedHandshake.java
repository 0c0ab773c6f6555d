package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/** A handshake in memory, as far as it gets. */
final class EmbeddedHandshake implements AutoCloseable {
  final EmbeddedChannel server;
  final SslHandler clientSide;
  private final ServerTls tls;
  private final EmbeddedChannel client;
  private final Hearing hearing = new Hearing();

  EmbeddedHandshake(ServerTls tls, SslHandler clientSide) {
    this.tls = tls;
    this.clientSide = clientSide;
    server = new EmbeddedChannel(tls.newHandler(), hearing);
    client = new EmbeddedChannel(clientSide, new Deaf());
    exchange();
    if (hearing.failure == null) {
      // BoringSSL sends the tickets of TLS 1.3 with the first octets that it has to send
      server.writeOutbound(Unpooled.wrappedBuffer("* OK".getBytes(US_ASCII)));
      exchange();
    }
  }

  private void exchange() {
    while (carry(client, server) || carry(server, client)) {
      // until neither has anything to say
    }
  }

  /** What the server knows; the handshake has succeeded. */
  TlsFacts facts() {
    if (hearing.hello == null || hearing.failure != null) {
      throw new AssertionError("no handshake", hearing.failure);
    }
    try {
      return tls.facts(server.pipeline().get(SslHandler.class), hearing.hello, TlsMode.IMPLICIT);
    } catch (SSLPeerUnverifiedException e) {
      throw new AssertionError("no handshake", e);
    }
  }

  Optional<Throwable> failure() {
    return Optional.ofNullable(hearing.failure);
  }

  private static boolean carry(EmbeddedChannel from, EmbeddedChannel to) {
    ByteBuf octets = from.readOutbound();
    if (octets == null) {
      return false;
    }
    if (to.isOpen()) {
      to.writeInbound(octets);
    } else {
      octets.release();
    }
    return true;
  }

  @Override
  public void close() {
    client.finishAndReleaseAll();
    server.finishAndReleaseAll();
  }

  private static final class Hearing extends ChannelInboundHandlerAdapter {
    @Nullable ClientHello hello;
    @Nullable Throwable failure;

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof ClientHello heard) {
        hello = heard;
      } else if (event instanceof SslHandshakeCompletionEvent done && !done.isSuccess()) {
        failure = done.cause();
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // said by the event
    }
  }

  /** Takes no notice of a handshake that fails; the handler's future tells. */
  private static final class Deaf extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // said by the future
    }
  }
}
