package dev.postern.deploy.management;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.postern.core.event.MetricsSink;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManagementServerTest {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final HttpClient client = HttpClient.newHttpClient();
  private volatile List<Readiness.Check> checks =
      List.of(new Readiness.Check("listeners", true, "6 bound"));
  private ManagementServer server;

  @BeforeEach
  void start() throws IOException {
    server =
        ManagementServer.start(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), registry, () -> checks);
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  @Test
  @Tag("CARD-7")
  void showsMetricsAsPrometheusText() throws Exception {
    new MetricsSink(registry).register("imaps", "public");
    HttpResponse<String> response = get("/metrics");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type"))
        .contains("text/plain; version=0.0.4; charset=utf-8");
    assertThat(response.body())
        .contains("postern_sessions_total{listener=\"public\",service=\"imaps\"} 0.0")
        .doesNotContain("# EOF");
  }

  @Test
  void showsMetricsAsOpenMetricsToWhoAsksForThem() throws Exception {
    HttpResponse<String> response =
        send(
            request("/metrics")
                .header(
                    "accept",
                    "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"));
    assertThat(response.headers().firstValue("content-type"))
        .contains("application/openmetrics-text; version=1.0.0; charset=utf-8");
    assertThat(response.body()).endsWith("# EOF\n");
  }

  @Test
  void isReadyWhenAllChecksAre() throws Exception {
    checks =
        List.of(
            new Readiness.Check("listeners", true, "6 bound"),
            new Readiness.Check("certificates", true, "\"ok\""));
    HttpResponse<String> response = get("/ready");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("application/json");
    assertThat(new JsonMapper().readTree(response.body()))
        .isEqualTo(
            new JsonMapper()
                .readTree(
                    """
                    {"ready": true, "checks": {
                      "listeners": {"ready": true, "detail": "6 bound"},
                      "certificates": {"ready": true, "detail": "\\"ok\\""}}}
                    """));
  }

  @Test
  void isNotReadyWhenOneCheckIsNot() throws Exception {
    checks =
        List.of(
            new Readiness.Check("listeners", true, "6 bound"),
            new Readiness.Check("backends", false, "imap: unreachable"));
    HttpResponse<String> response = get("/ready");
    assertThat(response.statusCode()).isEqualTo(503);
    assertThat(response.body())
        .startsWith("{\"ready\":false,")
        .contains("\"backends\":{\"ready\":false,\"detail\":\"imap: unreachable\"}");
  }

  @Test
  void isLiveEvenWhenNotReady() throws Exception {
    checks = List.of(new Readiness.Check("backends", false, "none"));
    HttpResponse<String> response = get("/live");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo("{\"live\":true}\n");
  }

  @Test
  void answersAFailureOfItsOwnWithoutDetails() throws Exception {
    checks = null;
    HttpResponse<String> response = get("/ready");
    assertThat(response.statusCode()).isEqualTo(500);
    assertThat(response.body()).isEqualTo("Internal Server Error\n");
    assertThat(get("/live").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/metrics/", "/readyz", "/../metrics", "/%6detrics"})
  void knowsNoOtherPath(String path) throws Exception {
    assertThat(get(path).statusCode()).isEqualTo(404);
  }

  @Test
  void ignoresAQuery() throws Exception {
    assertThat(get("/live?verbose").statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS"})
  void allowsOnlyReading(String method) throws Exception {
    HttpResponse<String> response =
        send(request("/metrics").method(method, HttpRequest.BodyPublishers.noBody()));
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("allow")).contains("GET, HEAD");
  }

  @Test
  void answersHeadWithoutABody() throws Exception {
    String response = raw("HEAD /live HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(response)
        .startsWith("HTTP/1.1 200 OK\r\n")
        .contains("content-length: 14\r\n")
        .endsWith("\r\n\r\n");
  }

  @Test
  void answersOneRequestAndCloses() throws Exception {
    String response =
        raw("GET /live HTTP/1.1\r\nHost: x\r\n\r\nGET /ready HTTP/1.1\r\nHost: x\r\n\r\n");
    assertThat(response).contains("connection: close\r\n").endsWith("{\"live\":true}\n");
    assertThat(response.split("HTTP/1.1 ", -1)).hasSize(2);
  }

  @Test
  void refusesWhatIsNotHttp() throws Exception {
    assertThat(raw("a1 LOGIN one secret\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ")
        .doesNotContain("secret");
  }

  @Test
  void refusesEndlessHeaders() throws Exception {
    assertThat(raw("GET /live HTTP/1.1\r\nX: " + "x".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 400 ");
  }

  @Test
  void answersWhileOthersSayNothing() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 20; i++) {
        silent.add(connect());
      }
      assertThat(get("/live").statusCode()).isEqualTo(200);
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void cutsOffConnectionsThatAreTooMany() throws Exception {
    List<Socket> silent = new ArrayList<>();
    try {
      for (int i = 0; i < 64; i++) {
        silent.add(connect());
      }
      try (Socket one = connect()) {
        assertThat(one.getInputStream().read()).isEqualTo(-1);
      }
    } finally {
      for (Socket socket : silent) {
        socket.close();
      }
    }
  }

  @Test
  void closesWhatIsOpenAndUnbinds() throws Exception {
    InetSocketAddress address = server.address();
    try (Socket open = connect()) {
      assertThat(get("/live").statusCode()).isEqualTo(200);
      server.close();
      assertThat(open.getInputStream().read()).isEqualTo(-1);
    }
    assertThatThrownBy(() -> new Socket(address.getAddress(), address.getPort()).close())
        .isInstanceOf(IOException.class);
  }

  @Test
  void saysWhichAddressCannotBeBound() {
    assertThatThrownBy(() -> ManagementServer.start(server.address(), registry, () -> checks))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(Integer.toString(server.address().getPort()));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return send(request(path));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + server.address().getPort() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  private Socket connect() throws IOException {
    return new Socket(server.address().getAddress(), server.address().getPort());
  }
}
