package dev.postern.deploy.management;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.event.JsonLine;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;

/**
 * What a request is answered with.
 *
 * @param status of HTTP
 * @param contentType media type of the body
 * @param body belongs to the answer
 */
record Answer(HttpResponseStatus status, String contentType, ByteBuf body) {
  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain; charset=utf-8";

  /** An answer that says no more than its status. */
  static Answer of(HttpResponseStatus status) {
    return new Answer(status, TEXT, Unpooled.copiedBuffer(status.reasonPhrase() + "\n", UTF_8));
  }

  static Answer live() {
    StringBuilder out = new StringBuilder();
    new JsonLine(out).flag("live", true).end();
    return json(HttpResponseStatus.OK, out);
  }

  static Answer ready(List<Readiness.Check> checks) {
    boolean ready = checks.stream().allMatch(Readiness.Check::ready);
    StringBuilder out = new StringBuilder();
    JsonLine answer = new JsonLine(out).flag("ready", ready);
    JsonLine all = answer.object("checks");
    for (Readiness.Check check : checks) {
      all.object(check.name()).flag("ready", check.ready()).text("detail", check.detail()).end();
    }
    all.end();
    answer.end();
    return json(ready ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE, out);
  }

  private static Answer json(HttpResponseStatus status, StringBuilder out) {
    return new Answer(status, JSON, Unpooled.copiedBuffer(out.append('\n'), UTF_8));
  }
}
