package dev.postern.deploy.chart;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** As much of a Kubernetes API server as Helm asks when a template looks for a Secret. */
final class ApiServer implements AutoCloseable {
  private static final String RESOURCES =
      """
      {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1", "resources": [
        {"name": "secrets", "singularName": "", "namespaced": true, "kind": "Secret", "verbs": ["get"]}]}""";
  private static final String NOT_FOUND =
      """
      {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}""";

  private final HttpServer server;

  /**
   * Starts one.
   *
   * @param secrets the data of the Secrets there are, by name
   */
  ApiServer(Map<String, Map<String, String>> secrets) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> answer(exchange, 404, NOT_FOUND));
    server.createContext("/api/v1", exchange -> answer(exchange, 200, RESOURCES));
    String folder = "/api/v1/namespaces/" + Helm.NAMESPACE + "/secrets/";
    server.createContext(folder, exchange -> answer(exchange, 404, NOT_FOUND));
    secrets.forEach(
        (name, data) ->
            server.createContext(
                folder + name, exchange -> answer(exchange, 200, secret(name, data))));
    server.start();
  }

  /** Writes the file by which clients find it. */
  Path config(Path file) throws IOException {
    return Files.writeString(
        file,
        """
        apiVersion: v1
        kind: Config
        clusters: [{name: test, cluster: {server: "http://127.0.0.1:%d"}}]
        contexts: [{name: test, context: {cluster: test, user: test}}]
        users: [{name: test, user: {}}]
        current-context: test
        """
            .formatted(server.getAddress().getPort()));
  }

  private static String secret(String name, Map<String, String> data) {
    return """
        {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "%s"}, "data": {%s}}"""
        .formatted(
            name,
            data.entrySet().stream()
                .map(entry -> "\"" + entry.getKey() + "\": \"" + entry.getValue() + "\"")
                .collect(Collectors.joining(", ")));
  }

  private static void answer(HttpExchange exchange, int status, String body) throws IOException {
    try (exchange) {
      byte[] octets = body.getBytes(UTF_8);
      exchange.getResponseHeaders().add("Content-Type", "application/json");
      exchange.sendResponseHeaders(status, octets.length);
      exchange.getResponseBody().write(octets);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
