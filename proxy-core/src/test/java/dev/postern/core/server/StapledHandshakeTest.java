package dev.postern.core.server;

import static dev.postern.core.server.TinyProxy.line;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.postern.core.config.CertificateSettings;
import dev.postern.core.config.Configuration;
import dev.postern.core.config.StaplingSettings;
import dev.postern.core.policy.Policy;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.tls.CertificateFiles;
import dev.postern.core.tls.ServerTls;
import dev.postern.core.tls.ocsp.OcspAuthority;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients get to see of stapling, with a responder on loopback. */
class StapledHandshakeTest {
  private static final byte[] NOTHING = {};

  @TempDir Path folder;
  private final AtomicReference<byte[]> response = new AtomicReference<>(NOTHING);
  private final AtomicInteger asked = new AtomicInteger();
  private final CountDownLatch mayAnswer = new CountDownLatch(1);
  private HttpServer responder;
  private OcspAuthority authority;

  @BeforeEach
  void start() throws Exception {
    authority = new OcspAuthority("authority");
    responder = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    responder.createContext(
        "/",
        exchange -> {
          asked.incrementAndGet();
          awaitLeave();
          byte[] now = response.get();
          exchange.sendResponseHeaders(200, now.length == 0 ? -1 : now.length);
          exchange.getResponseBody().write(now);
          exchange.close();
        });
    responder.start();
  }

  private void awaitLeave() {
    try {
      mayAnswer.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @AfterEach
  void stop() {
    mayAnswer.countDown();
    responder.stop(0);
  }

  // A certificate that must be stapled is not shown before the response is there.
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void staplesWhatTheResponderSaid(String version) throws Exception {
    X509Bundle leaf = certificate(true);
    byte[] good = good(leaf);
    response.set(good);
    mayAnswer.countDown();
    try (TinyProxy proxy = new TinyProxy(folder, Limits.DEFAULT, Policy.DEFAULT)) {
      proxy.server.reload(stapled(proxy, new StaplingSettings.Fetched()));
      assertThat(stapledTo(proxy, leaf, version)).containsExactly(good);
      assertThat(proxy.server.staples().get("main").until()).isPresent();
      proxy.server.reload(stapled(proxy, new StaplingSettings.Fetched()));
      assertThat(stapledTo(proxy, leaf, version)).containsExactly(good);
      assertThat(asked).hasValue(1);
    }
  }

  @Test
  void staplesWhatStandsInAFile() throws Exception {
    X509Bundle leaf = certificate(false);
    byte[] good = good(leaf);
    Path file = Files.write(folder.resolve("response.der"), good);
    try (TinyProxy proxy = new TinyProxy(folder, Limits.DEFAULT, Policy.DEFAULT)) {
      proxy.server.reload(stapled(proxy, new StaplingSettings.File(file)));
      assertThat(stapledTo(proxy, leaf, "TLSv1.3")).containsExactly(good);
      assertThat(asked).hasValue(0);
    }
  }

  @Test
  void servesWithoutAResponseWhereNoneWasToBeHad() throws Exception {
    X509Bundle leaf = certificate(true);
    mayAnswer.countDown();
    try (TinyProxy proxy = new TinyProxy(folder, Limits.DEFAULT, Policy.DEFAULT)) {
      proxy.server.reload(stapled(proxy, new StaplingSettings.Fetched()));
      assertThat(asked).hasValue(1);
      assertThat(stapledTo(proxy, leaf, "TLSv1.3")).isEmpty();
      assertThat(proxy.server.staples().get("main").failures()).isEqualTo(1);
    }
  }

  @Test
  void aReloadThatWaitsForAResponseKeepsNobodyElseWaiting() throws Exception {
    X509Bundle leaf = certificate(true);
    byte[] good = good(leaf);
    response.set(good);
    try (TinyProxy proxy = new TinyProxy(folder, Limits.DEFAULT, Policy.DEFAULT)) {
      List<ServerTls> before = proxy.server.contexts();
      FutureTask<Void> reload = reload(proxy, new StaplingSettings.Fetched());
      new Thread(reload).start();
      await().until(() -> asked.get() == 1);
      // under the monitor: had the reload kept it, it would be over by the answer
      assertThat(proxy.server.contexts()).isEqualTo(before);
      assertThat(reload.isDone()).isFalse();
      mayAnswer.countDown();
      reload.get();
      assertThat(proxy.server.contexts()).doesNotContainAnyElementsOf(before);
      assertThat(stapledTo(proxy, leaf, "TLSv1.3")).containsExactly(good);
    }
  }

  @Test
  void reloadsAreInForceInTheOrderInWhichTheyCame() throws Exception {
    X509Bundle leaf = certificate(true);
    response.set(good(leaf));
    try (TinyProxy proxy = new TinyProxy(folder, Limits.DEFAULT, Policy.DEFAULT)) {
      FutureTask<Void> first = reload(proxy, new StaplingSettings.Fetched());
      new Thread(first).start();
      await().until(() -> asked.get() == 1);
      FutureTask<Void> second = reload(proxy, new StaplingSettings.Off());
      Thread waiting = new Thread(second);
      waiting.start();
      await().until(() -> second.isDone() || isKeptByALock(waiting));
      assertThat(first.isDone()).isFalse();
      mayAnswer.countDown();
      first.get();
      second.get();
      assertThat(stapledTo(proxy, leaf, "TLSv1.3")).isEmpty();
    }
  }

  private static boolean isKeptByALock(Thread thread) {
    return LockSupport.getBlocker(thread) instanceof AbstractOwnableSynchronizer;
  }

  @Test
  void aShutdownEndsAReloadThatWaits() throws Exception {
    certificate(true);
    try (TinyProxy proxy = new TinyProxy(folder, Limits.DEFAULT, Policy.DEFAULT)) {
      FutureTask<Void> reload = reload(proxy, new StaplingSettings.Fetched());
      new Thread(reload).start();
      await().until(() -> asked.get() == 1);
      proxy.stop();
      assertThatThrownBy(reload::get)
          .hasCauseInstanceOf(StartException.class)
          .hasMessageContaining("shutting down");
      assertThat(mayAnswer.getCount()).as("never answered").isEqualTo(1);
    }
  }

  private FutureTask<Void> reload(TinyProxy proxy, StaplingSettings stapling) {
    Configuration next = stapled(proxy, stapling);
    return new FutureTask<>(
        () -> {
          proxy.server.reload(next);
          return null;
        });
  }

  private X509Bundle certificate(boolean mustStaple) throws Exception {
    X509Bundle leaf =
        authority.issue(
            URI.create("http://127.0.0.1:" + responder.getAddress().getPort() + "/"), mustStaple);
    Files.writeString(
        folder.resolve("issued.pem"), leaf.getCertificatePEM() + leaf.getRootCertificatePEM());
    Files.writeString(folder.resolve("issued.key"), leaf.getPrivateKeyPEM());
    return leaf;
  }

  private byte[] good(X509Bundle leaf) throws Exception {
    return authority.good(
        leaf.getCertificate(), Instant.now().truncatedTo(ChronoUnit.SECONDS), Duration.ofDays(4));
  }

  private Configuration stapled(TinyProxy proxy, StaplingSettings stapling) {
    Configuration all = proxy.configuration(Limits.DEFAULT, Policy.DEFAULT);
    return new Configuration(
        all.listeners(),
        List.of(
            new CertificateSettings(
                "main",
                List.of(),
                new CertificateFiles.Pem(
                    folder.resolve("issued.pem"), folder.resolve("issued.key"), Optional.empty()),
                stapling)),
        all.tls(),
        all.tickets(),
        all.backends(),
        all.policy(),
        all.terms(),
        all.management(),
        all.audit());
  }

  private static List<byte[]> stapledTo(TinyProxy proxy, X509Bundle trusted, String version)
      throws Exception {
    SSLContext client = SSLContext.getInstance("TLS");
    client.init(null, trusted.toTrustManagerFactory().getTrustManagers(), null);
    try (Socket socket = proxy.connect("tinys");
        SSLSocket secured =
            (SSLSocket)
                client
                    .getSocketFactory()
                    .createSocket(socket, "mail.example.org", socket.getPort(), true)) {
      secured.setEnabledProtocols(new String[] {version});
      greeted(secured);
      return ((ExtendedSSLSession) secured.getSession()).getStatusResponses();
    }
  }

  private static void greeted(SSLSocket secured) throws IOException {
    assertThat(line(secured)).startsWith("hello");
  }
}
