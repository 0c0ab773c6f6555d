package dev.postern.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.postern.core.server.Protocols;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProxyProcessTest {
  @TempDir Path folder;
  private Path secret;
  private Path file;

  @BeforeEach
  void mount() throws Exception {
    secret = Files.createDirectory(folder.resolve("secret"));
    Kubernetes.mount(secret, certificate(1));
    file = folder.resolve("postern.yaml");
    Files.writeString(file, configuration(0, 0));
  }

  private static Map<String, String> certificate(long serial) throws Exception {
    X509Bundle bundle =
        new CertificateBuilder()
            .subject("CN=localhost")
            .setIsCertificateAuthority(true)
            .serial(BigInteger.valueOf(serial))
            .buildSelfSigned();
    return Map.of("tls.crt", bundle.getCertificatePathPEM(), "tls.key", bundle.getPrivateKeyPEM());
  }

  private static String configuration(int imaps, int management) {
    return """
    hostname: mail.example.test
    listeners: [{ service: imaps, address: "127.0.0.1:%d" }]
    certificates: [{ name: main, chain: secret/tls.crt, key: secret/tls.key }]
    backends: { imap: { profile: plain, addresses: ["127.0.0.1:1"] } }
    limits: { drain-deadline: 2s }
    management: { address: "127.0.0.1:%d" }
    audit: { file: off }
    """
        .formatted(imaps, management);
  }

  private ProxyProcess start() throws StartFailure {
    Protocols protocols = Protocols.load();
    return ProxyProcess.start(
        new ConfigurationFile(file, protocols, Clock.systemUTC()),
        new Surroundings(
            protocols, OutputStream.nullOutputStream(), Clock.systemUTC(), Duration.ofMillis(50)));
  }

  @Test
  @Tag("CCO-4.4")
  void showsTheNewCertificateOnceAMountedSecretWasExchanged() throws Exception {
    ProxyProcess process = start();
    try {
      InetSocketAddress imaps = Objects.requireNonNull(process.addresses().get("imaps"));
      assertThat(serial(imaps)).isEqualTo(1);
      Kubernetes.exchange(secret, certificate(2));
      await().atMost(Duration.ofSeconds(30)).until(() -> serial(imaps) == 2);
    } finally {
      process.shutDown();
    }
  }

  @Test
  @Tag("CCO-4.4")
  void keepsTheCertificateWhenTheMountedOneIsBrokenAndTakesTheNextGoodOne() throws Exception {
    ProxyProcess process = start();
    try {
      InetSocketAddress imaps = Objects.requireNonNull(process.addresses().get("imaps"));
      Map<String, String> mismatched =
          Map.of(
              "tls.crt", certificate(2).get("tls.crt"), "tls.key", certificate(2).get("tls.key"));
      Kubernetes.exchange(secret, mismatched);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> get(process, "/ready").contains("an earlier one stays in force"));
      assertThat(get(process, "/ready"))
          .contains("\"ready\":true")
          .contains("tls.crt holds no certificate for the key in ");
      assertThat(get(process, "/metrics"))
          .contains("postern_certificate_usable{certificate=\"main\"} 1.0")
          .contains("postern_certificate_last_reload_successful{certificate=\"main\"} 0.0")
          .contains("postern_certificate_reload_failures_total{certificate=\"main\"} 1.0");
      assertThat(serial(imaps)).isEqualTo(1);
      Kubernetes.exchange(secret, certificate(3));
      await().atMost(Duration.ofSeconds(30)).until(() -> serial(imaps) == 3);
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  get(process, "/metrics")
                      .contains(
                          "postern_certificate_last_reload_successful{certificate=\"main\"} 1.0"));
      assertThat(get(process, "/ready")).doesNotContain("an earlier one stays in force");
    } finally {
      process.shutDown();
    }
  }

  @Test
  @Tag("DEEP-9.2a")
  void startsWithoutACertificateWhereTlsIsAskedForAndTakesItOnceItIsMounted() throws Exception {
    Path late = Files.createDirectory(folder.resolve("late"));
    Files.writeString(
        file,
        configuration(0, 0).replace("service: imaps", "service: imap").replace("secret/", "late/"));
    ProxyProcess process = start();
    try {
      assertThat(process.addresses()).containsOnlyKeys("imap");
      assertThat(get(process, "/ready"))
          .contains("\"ready\":true")
          .contains("main cannot be used (" + late.resolve("tls.key") + " does not exist");
      assertThat(get(process, "/metrics"))
          .contains("postern_certificate_usable{certificate=\"main\"} 0.0")
          .doesNotContain("postern_certificate_expiry_seconds{");
      Kubernetes.mount(late, certificate(4));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  get(process, "/metrics")
                      .contains("postern_certificate_usable{certificate=\"main\"} 1.0"));
    } finally {
      process.shutDown();
    }
  }

  private static String get(ProxyProcess process, String path) throws Exception {
    int port = process.managementAddress().orElseThrow().getPort();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void listensWhereTheNewConfigurationSays() throws Exception {
    ProxyProcess process = start();
    try {
      Files.writeString(file, configuration(0, 0).replace("imaps,", "imaps, name: second,"));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> process.addresses().keySet().contains("second"));
      assertThat(process.addresses()).containsOnlyKeys("second");
    } finally {
      process.shutDown();
    }
  }

  @Test
  void leavesNothingRunningWhenAPortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int management = freePort();
      Files.writeString(file, configuration(taken.getLocalPort(), management));
      assertThatThrownBy(this::start)
          .isInstanceOf(StartFailure.class)
          .hasMessageContaining("listener imaps cannot listen on")
          .hasMessageContaining(Integer.toString(taken.getLocalPort()));
      Files.writeString(file, configuration(0, management));
      start().shutDown();
    }
  }

  @Test
  void saysWhenTheManagementPortIsTaken() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Files.writeString(file, configuration(0, taken.getLocalPort()));
      assertThatThrownBy(this::start)
          .isInstanceOf(StartFailure.class)
          .hasMessageStartingWith("management.address: cannot listen on");
    }
  }

  @Test
  void saysWhenTheAuditLogCannotBeOpened() throws Exception {
    Files.createDirectory(folder.resolve("audit"));
    Files.writeString(file, configuration(0, 0).replace("file: off", "file: audit"));
    assertThatThrownBy(this::start)
        .isInstanceOf(StartFailure.class)
        .hasMessageContaining("audit.file");
  }

  private static int freePort() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private static long serial(InetSocketAddress address) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Trusting()}, null);
    try (SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(address.getAddress(), address.getPort())) {
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSerialNumber()
          .longValueExact();
    }
  }

  /** What is shown matters here, not whether it is trusted. */
  private static final class Trusting implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
