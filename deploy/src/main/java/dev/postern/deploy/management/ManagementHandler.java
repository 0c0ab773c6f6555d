package dev.postern.deploy.management;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the one request of a connection, and closes it. */
final class ManagementHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(ManagementHandler.class);
  private static final long DEADLINE_SECONDS = 10;
  private static final String OPEN_METRICS = "application/openmetrics-text";
  private static final String OPEN_METRICS_TYPE = OPEN_METRICS + "; version=1.0.0; charset=utf-8";
  private static final String PROMETHEUS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry registry;
  private final Readiness readiness;
  private boolean answered;

  ManagementHandler(PrometheusMeterRegistry registry, Readiness readiness) {
    this.registry = registry;
    this.readiness = readiness;
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    // From the connection to the last octet of the answer: who sends or reads an octet at a time is
    // cut off as well.
    var deadline = ctx.executor().schedule(() -> ctx.close(), DEADLINE_SECONDS, TimeUnit.SECONDS);
    ctx.channel().closeFuture().addListener(closed -> deadline.cancel(false));
    ctx.fireChannelActive();
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
    if (answered) {
      return;
    }
    answered = true;
    Answer answer = answer(ctx, request);
    FullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, answer.status(), answer.body());
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, answer.contentType())
        .set(HttpHeaderNames.CONTENT_LENGTH, answer.body().readableBytes())
        .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    if (answer.status().equals(HttpResponseStatus.METHOD_NOT_ALLOWED)) {
      response.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD");
    }
    ctx.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  private Answer answer(ChannelHandlerContext ctx, FullHttpRequest request) {
    if (request.decoderResult().isFailure()) {
      return Answer.of(HttpResponseStatus.BAD_REQUEST);
    }
    String path = path(request.uri());
    if (!path.equals("/metrics") && !path.equals("/live") && !path.equals("/ready")) {
      return Answer.of(HttpResponseStatus.NOT_FOUND);
    }
    if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
      return Answer.of(HttpResponseStatus.METHOD_NOT_ALLOWED);
    }
    try {
      return switch (path) {
        case "/metrics" -> metrics(ctx, request.headers().get(HttpHeaderNames.ACCEPT, ""));
        case "/ready" -> Answer.ready(readiness.checks());
        default -> Answer.live();
      };
    } catch (IOException | RuntimeException e) {
      LOG.error("management request failed: path={}", path, e);
      return Answer.of(HttpResponseStatus.INTERNAL_SERVER_ERROR);
    }
  }

  private Answer metrics(ChannelHandlerContext ctx, String accept) throws IOException {
    String contentType = accept.contains(OPEN_METRICS) ? OPEN_METRICS_TYPE : PROMETHEUS_TYPE;
    ByteBuf body = ctx.alloc().buffer(1 << 16);
    try (ByteBufOutputStream out = new ByteBufOutputStream(body)) {
      registry.scrape(out, contentType);
      return new Answer(HttpResponseStatus.OK, contentType, body.retain());
    } finally {
      body.release();
    }
  }

  private static String path(String uri) {
    int query = uri.indexOf('?');
    return query < 0 ? uri : uri.substring(0, query);
  }
}
