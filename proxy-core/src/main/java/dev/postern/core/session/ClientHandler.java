package dev.postern.core.session;

import dev.postern.core.tls.ClientHello;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;

/** Tells the driver what happens on the client's channel. */
final class ClientHandler extends ChannelInboundHandlerAdapter {
  private final SessionDriver driver;

  ClientHandler(SessionDriver driver) {
    this.driver = driver;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    driver.onClientConnected();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    driver.onClientRead((ByteBuf) msg);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    driver.onReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    driver.onClientWritable();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ClientHello hello) {
      driver.onClientHello(hello);
    } else if (event instanceof SslHandshakeCompletionEvent handshake) {
      if (handshake.isSuccess()) {
        driver.onHandshake();
      } else {
        driver.onHandshakeFailed(handshake.cause());
      }
    } else if (event instanceof SslCloseCompletionEvent close && close.isSuccess()) {
      driver.onClientCloseNotify();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    driver.onClientGone();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    driver.onClientFailure(cause);
  }
}
