package dev.postern.core.tls.ocsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a responder on loopback. */
class HttpResponderTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private record Request(String method, String type, ByteBuffer body) {}

  private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpResponder responder = new HttpResponder(LONG);
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void stop() {
    responder.close();
    threads.shutdownNow();
    server.stop(0);
  }

  @Test
  void postsTheRequestAndBringsTheResponse() throws Exception {
    serve("/", 200, new byte[] {1, 2, 3});
    OcspAuthority authority = new OcspAuthority("authority");
    X509Bundle leaf = authority.issue(at("/"), false);
    byte[] request = OcspRequest.about(authority.subject(leaf));
    assertThat(responder.ask(at("/"), request).get()).containsExactly(1, 2, 3);
    Request seen = requests.poll(20, TimeUnit.SECONDS);
    assertThat(seen.method()).isEqualTo("POST");
    assertThat(seen.type()).isEqualTo("application/ocsp-request");
    OCSPReq parsed = new OCSPReq(seen.body().array());
    assertThat(parsed.isSigned()).isFalse();
    assertThat(parsed.hasExtensions()).isFalse();
    assertThat(parsed.getRequestList()).hasSize(1);
    assertThat(parsed.getRequestList()[0].getCertID())
        .isEqualTo(authority.id(leaf.getCertificate().getSerialNumber()));
  }

  @Test
  void takesNoMoreThanSixtyFourKibibytes() throws Exception {
    serve("/full", 200, new byte[64 * 1024]);
    serve("/more", 200, new byte[64 * 1024 + 1]);
    assertThat(responder.ask(at("/full"), new byte[1]).get()).hasSize(64 * 1024);
    assertThat(failure(responder, at("/more"))).isEqualTo("sent more than 65536 octets");
  }

  @Test
  void stopsReadingWhatNeverEnds() {
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream out = exchange.getResponseBody()) {
            while (!Thread.currentThread().isInterrupted()) {
              out.write(new byte[4096]);
            }
          }
        });
    assertThat(failure(responder, at("/"))).isEqualTo("sent more than 65536 octets");
  }

  @Test
  void tellsTheStatusOfWhatIsNoSuccess() {
    serve("/", 503, new byte[] {1});
    assertThat(failure(responder, at("/"))).isEqualTo("answered with HTTP status 503");
  }

  @Test
  void followsNoRedirect() {
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().add("Location", "/other");
          answer(exchange, 302, new byte[0]);
        });
    serve("/other", 200, new byte[] {1});
    assertThat(failure(responder, at("/"))).isEqualTo("answered with HTTP status 302");
    assertThat(requests).isEmpty();
  }

  @Test
  void givesUpAtTheDeadline() {
    hang("/silent", false);
    hang("/begun", true);
    HttpResponder impatient = new HttpResponder(Duration.ofMillis(200));
    try {
      assertThat(failure(impatient, at("/silent"))).isEqualTo("did not answer within 200 ms");
      assertThat(failure(impatient, at("/begun"))).isEqualTo("did not answer within 200 ms");
    } finally {
      impatient.close();
    }
  }

  @Test
  void tellsThatNobodyListens() {
    URI gone = at("/");
    server.stop(0);
    assertThat(failure(responder, gone)).isEqualTo("cannot be connected to");
  }

  @Test
  void anAddressThatIsNoneIsAFailureToo() {
    assertThat(failure(responder, URI.create("ldap://x/"))).contains("no address by HTTP");
  }

  private void hang(String path, boolean begin) {
    server.createContext(
        path,
        exchange -> {
          if (begin) {
            exchange.sendResponseHeaders(200, 100);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
          }
          // never answered; the connection ends with the server
        });
  }

  private void serve(String path, int status, byte[] body) {
    server.createContext(
        path,
        exchange -> {
          requests.add(
              new Request(
                  exchange.getRequestMethod(),
                  exchange.getRequestHeaders().getFirst("Content-Type"),
                  ByteBuffer.wrap(exchange.getRequestBody().readAllBytes())));
          answer(exchange, status, body);
        });
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private URI at(String path) {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
  }

  private static String failure(HttpResponder responder, URI at) {
    Throwable thrown = catchThrowable(() -> responder.ask(at, new byte[] {1}).get());
    assertThat(thrown).isInstanceOf(ExecutionException.class);
    assertThat(thrown.getCause()).isInstanceOf(OcspUnreachable.class);
    return thrown.getCause().getMessage();
  }
}
