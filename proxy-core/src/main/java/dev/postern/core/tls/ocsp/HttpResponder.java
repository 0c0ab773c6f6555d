package dev.postern.core.tls.ocsp;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Asks responders by HTTP (RFC 6960 appendix A), with the JDK's client on threads of its own, which
 * begin with the first request. Follows no redirect: only who stands in the certificate is asked.
 */
final class HttpResponder implements OcspResponder, AutoCloseable {
  /** Octets; real ones have some hundred, or two thousand with a delegate's certificate. */
  static final int LARGEST = 64 * 1024;

  private static final int OK = 200;

  private final Duration deadline;
  private @Nullable HttpClient client;

  /**
   * Opens nothing yet.
   *
   * @param deadline from the first packet to the last octet
   */
  HttpResponder(Duration deadline) {
    this.deadline = deadline;
  }

  private synchronized HttpClient client() {
    HttpClient used = client;
    if (used == null) {
      used =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .build();
      client = used;
    }
    return used;
  }

  @Override
  public CompletableFuture<byte[]> ask(URI responder, byte[] request) {
    CompletableFuture<HttpResponse<byte[]>> exchange;
    try {
      exchange =
          client()
              .sendAsync(
                  HttpRequest.newBuilder(responder)
                      .header("Content-Type", "application/ocsp-request")
                      .header("Accept", "application/ocsp-response")
                      .header("User-Agent", "Postern")
                      .POST(BodyPublishers.ofByteArray(request))
                      .build(),
                  head -> new Bounded());
    } catch (IllegalArgumentException e) {
      return CompletableFuture.failedFuture(
          new OcspUnreachable("cannot be asked: " + responder + " is no address by HTTP"));
    } catch (UncheckedIOException e) {
      // The client opens a selector when it is made: this process may have no descriptor left.
      return CompletableFuture.failedFuture(
          new OcspUnreachable("cannot be asked: " + e.getMessage()));
    }
    // The client's own timeout ends with the header.
    return exchange
        .thenCompose(HttpResponder::body)
        .orTimeout(deadline.toNanos(), TimeUnit.NANOSECONDS)
        .whenComplete((octets, failure) -> exchange.cancel(true))
        .exceptionallyCompose(e -> CompletableFuture.failedFuture(unreachable(e)));
  }

  private static CompletionStage<byte[]> body(HttpResponse<byte[]> response) {
    return response.statusCode() == OK
        ? CompletableFuture.completedStage(response.body())
        : CompletableFuture.failedStage(
            new OcspUnreachable("answered with HTTP status " + response.statusCode()));
  }

  private OcspUnreachable unreachable(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    if (cause instanceof OcspUnreachable known) {
      return known;
    }
    if (cause.getCause() instanceof OcspUnreachable known) {
      return known;
    }
    if (cause instanceof TimeoutException) {
      return new OcspUnreachable("did not answer within %d ms".formatted(deadline.toMillis()));
    }
    return new OcspUnreachable(
        cause instanceof ConnectException
            ? "cannot be connected to"
            : "failed: " + cause.getClass().getSimpleName());
  }

  @Override
  public synchronized void close() {
    if (client != null) {
      client.shutdownNow();
    }
  }

  /** Collects a body, and stops where it becomes too large. */
  private static final class Bounded implements BodySubscriber<byte[]> {
    private final CompletableFuture<byte[]> body = new CompletableFuture<>();
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<byte[]> getBody() {
      return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
      subscription = begun;
      begun.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
      Flow.Subscription running = subscription;
      if (running == null || body.isDone()) {
        return;
      }
      for (ByteBuffer part : parts) {
        if (octets.size() + part.remaining() > LARGEST) {
          running.cancel();
          body.completeExceptionally(
              new OcspUnreachable("sent more than %d octets".formatted(LARGEST)));
          return;
        }
        byte[] copy = new byte[part.remaining()];
        part.get(copy);
        octets.writeBytes(copy);
      }
      running.request(1);
    }

    @Override
    public void onError(Throwable failure) {
      body.completeExceptionally(
          failure instanceof IOException ? failure : new IOException(failure));
    }

    @Override
    public void onComplete() {
      body.complete(octets.toByteArray());
    }
  }
}
