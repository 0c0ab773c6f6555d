package dev.postern.core.session;

import dev.postern.core.backend.BackendLoss;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Tells the driver what happens on the backend's channel, as long as the session has not left that
 * backend.
 */
final class BackendHandler extends ChannelInboundHandlerAdapter {
  private final SessionDriver driver;

  BackendHandler(SessionDriver driver) {
    this.driver = driver;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object msg) {
    driver.onBackendRead(ctx.channel(), (ByteBuf) msg);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    driver.onReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    driver.onBackendWritable(ctx.channel());
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    driver.onBackendGone(ctx.channel(), BackendLoss.CLOSED);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    driver.onBackendGone(ctx.channel(), BackendLoss.RESET);
    ctx.close();
  }
}
