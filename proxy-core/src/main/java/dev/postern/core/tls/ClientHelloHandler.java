package dev.postern.core.tls;

import dev.postern.core.tls.HandshakeRefusal.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stands where TLS begins, reads the ClientHello, and makes room for the TLS engine of the
 * certificate that this client is to see, in the same turn of the event loop. What is no
 * ClientHello, or asks for what there is not, never reaches an engine.
 *
 * <p>The {@link ClientHello} goes up the pipeline as a user event; a refusal does as a handshake
 * that failed with a {@link HandshakeRefusal}, and whoever hears of it closes the channel.
 */
final class ClientHelloHandler extends SslClientHelloHandler<ClientHello> {
  /** What BoringSSL takes at most. */
  private static final int LONGEST = 16384;

  private final ServerTls tls;
  private boolean refused;

  ClientHelloHandler(ServerTls tls) {
    super(LONGEST);
    this.tls = tls;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (!refused) {
      switch (FirstOctets.judge(in)) {
        case TLS -> super.decode(ctx, in, out);
        case UNDECIDED -> {}
        case SSL_2 -> refuse(ctx, Alert.PROTOCOL_VERSION, TlsVersion.TLS_1_0, Reason.SSL_2);
        case HTTP -> refuse(ctx, Reason.HTTP);
        case OTHER -> refuse(ctx, Reason.NOT_TLS);
      }
    }
    if (refused) {
      in.skipBytes(in.readableBytes());
    }
  }

  @Override
  protected Future<ClientHello> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf body) {
    Optional<ClientHello> hello = body == null ? Optional.empty() : ClientHelloReader.read(body);
    return hello.isPresent()
        ? ctx.executor().newSucceededFuture(hello.get())
        : ctx.executor().newFailedFuture(new HandshakeRefusal(Reason.MALFORMED));
  }

  @Override
  protected void onLookupComplete(ChannelHandlerContext ctx, Future<ClientHello> read) {
    if (!read.isSuccess()) {
      refuse(ctx, Alert.DECODE_ERROR, TlsVersion.TLS_1_2, Reason.MALFORMED);
      return;
    }
    ClientHello hello = read.getNow();
    ctx.fireUserEventTriggered(hello);
    switch (tls.answer(hello)) {
      case HelloAnswer.Serve serve -> makeRoom(ctx, tls.newHandler(serve, hello, ctx.alloc()));
      case HelloAnswer.Refuse refuse -> refuse(ctx, refuse.alert(), newest(hello), refuse.reason());
    }
  }

  /** What has been read goes on to the new handler when this one has left. */
  private void makeRoom(ChannelHandlerContext ctx, SslHandler handler) {
    boolean taken = false;
    try {
      ctx.pipeline().replace(this, null, handler);
      taken = true;
    } finally {
      if (!taken) {
        ReferenceCountUtil.safeRelease(handler.engine());
      }
    }
  }

  private void refuse(ChannelHandlerContext ctx, Alert alert, TlsVersion version, Reason reason) {
    ctx.writeAndFlush(alert.record(version, ctx.alloc()), ctx.voidPromise());
    refuse(ctx, reason);
  }

  private void refuse(ChannelHandlerContext ctx, Reason reason) {
    refused = true;
    ctx.fireUserEventTriggered(new SslHandshakeCompletionEvent(new HandshakeRefusal(reason)));
  }

  private static TlsVersion newest(ClientHello hello) {
    return hello.versions().isEmpty() ? TlsVersion.TLS_1_0 : hello.versions().get(0);
  }
}
