package dev.postern.core.server;

import static dev.postern.core.server.TinyProxy.line;
import static dev.postern.core.server.TinyProxy.rest;
import static dev.postern.core.server.TinyProxy.say;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.core.config.Configuration;
import dev.postern.core.config.HostPort;
import dev.postern.core.config.ListenerSettings;
import dev.postern.core.config.TlsSettings;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.event.TlsFailure;
import dev.postern.core.policy.Conditions;
import dev.postern.core.policy.Outcome;
import dev.postern.core.policy.Policy;
import dev.postern.core.policy.Protection;
import dev.postern.core.policy.Rule;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.snapshot.SubmissionLimits;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PosternServerTest {
  private static final Policy CLEARTEXT_ALLOWED =
      new Policy(
          List.of(new Rule("all", "test", Optional.empty(), Conditions.NONE, Outcome.ALLOW)));
  private static final String GREETING_IN_CLEAR =
      "hello tls=false login=true starttls=true offer=[learned]";

  @TempDir Path folder;

  @Test
  @Tag("CCO-3.2")
  void greetsAfterTheHandshakeAndKnowsWhatWasNegotiated() throws Exception {
    try (TinyProxy proxy = start();
        SSLSocket client = proxy.connectTls(proxy.certificate)) {
      assertThat(line(client))
          .isEqualTo("hello tls=true login=true starttls=false offer=[learned]");
      TlsFacts tls = proxy.event(SessionEvent.TlsEstablished.class, e -> true).tls();
      assertThat(tls.version()).isEqualTo(TlsVersion.TLS_1_3);
      assertThat(tls.cipherSuite()).isEqualTo(client.getSession().getCipherSuite());
      assertThat(tls.group())
          .hasValueSatisfying(g -> assertThat(g).isIn("x25519", "X25519MLKEM768", "secp256r1"));
      assertThat(tls.serverName()).contains("mail.example.org");
      assertThat(tls.resumed()).isFalse();
      assertThat(tls.mode()).isEqualTo(TlsMode.IMPLICIT);
    }
  }

  @Test
  void startsTlsAndNeverLooksAtWhatCameBeforeIt() throws Exception {
    try (TinyProxy proxy = start();
        Socket plain = proxy.connect("tiny")) {
      assertThat(line(plain)).isEqualTo(GREETING_IN_CLEAR);
      say(plain, "STARTTLS\r\n");
      assertThat(line(plain)).isEqualTo("go");
      try (SSLSocket secured = proxy.tls(plain, proxy.certificate)) {
        say(secured, "hi\r\n");
        assertThat(line(secured)).isEqualTo("what? hi");
        assertThat(proxy.event(SessionEvent.TlsEstablished.class, e -> true).tls().mode())
            .isEqualTo(TlsMode.STARTTLS);
      }
    }
  }

  @Test
  void plaintextBehindStartTlsInOneSegmentEndsTheSession() throws Exception {
    try (TinyProxy proxy = start();
        Socket plain = proxy.connect("tiny")) {
      line(plain);
      say(plain, "STARTTLS\r\nUSER mallory\r\n");
      assertThat(rest(plain)).isEqualTo("violation plaintext-behind-starttls\n");
      assertThat(proxy.find(SessionEvent.LoginEnded.class, e -> true)).isEmpty();
      assertThat(proxy.backendConnections).isEmpty();
    }
  }

  @Test
  void plaintextBehindStartTlsInAnotherSegmentIsNoHandshake() throws Exception {
    try (TinyProxy proxy = start();
        Socket plain = proxy.connect("tiny")) {
      line(plain);
      say(plain, "STARTTLS\r\n");
      assertThat(line(plain)).isEqualTo("go");
      say(plain, "USER mallory\r\n");
      assertThat(proxy.event(SessionEvent.TlsFailed.class, e -> true).reason())
          .isEqualTo(TlsFailure.NOT_TLS);
      assertThat(proxy.backendConnections).isEmpty();
    }
  }

  @Test
  @Tag("CCO-4.1b")
  void aDeniedLoginNeverReachesTheBackend() throws Exception {
    try (TinyProxy proxy = start(Limits.DEFAULT, Policy.DEFAULT);
        Socket plain = proxy.connect("tiny")) {
      assertThat(line(plain))
          .isEqualTo("hello tls=false login=false starttls=true offer=[learned]");
      say(plain, "USER alice\r\n");
      assertThat(line(plain)).isEqualTo("denied tls-required");
      say(plain, "QUIT\r\n");
      assertThat(rest(plain)).isEqualTo("bye\n");
      assertThat(proxy.backendConnections).isEmpty();
    }
  }

  @Test
  @Tag("CCO-4.1d")
  void aRuleMayDemandNewerTlsThanTheHandshakeDid() throws Exception {
    Policy only13 =
        new Policy(
            List.of(
                new Rule(
                    "new-only",
                    "test",
                    Optional.empty(),
                    new Conditions(
                        Set.of(),
                        Set.of(),
                        List.of(),
                        Set.of("alice"),
                        Set.of(),
                        Set.of(),
                        Optional.of(new Protection.TlsBelow(TlsVersion.TLS_1_3)),
                        Set.of()),
                    Outcome.DENY)));
    try (TinyProxy proxy = start(Limits.DEFAULT, only13);
        Socket plain = proxy.connect("tinys");
        SSLSocket client = tls12(proxy, plain)) {
      assertThat(line(client)).startsWith("hello tls=true login=true");
      say(client, "USER alice\r\n");
      assertThat(line(client)).isEqualTo("denied tls-too-old");
      assertThat(proxy.event(SessionEvent.TlsEstablished.class, e -> true).tls().version())
          .isEqualTo(TlsVersion.TLS_1_2);
    }
  }

  private static SSLSocket tls12(TinyProxy proxy, Socket plain) throws Exception {
    javax.net.ssl.SSLContext context = javax.net.ssl.SSLContext.getInstance("TLSv1.2");
    context.init(null, proxy.certificate.toTrustManagerFactory().getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(plain, "mail.example.org", plain.getPort(), true);
    socket.setEnabledProtocols(new String[] {"TLSv1.2"});
    socket.startHandshake();
    return socket;
  }

  @Test
  void relaysBothWaysAfterLogin() throws Exception {
    try (TinyProxy proxy = start();
        SSLSocket client = proxy.connectTls(proxy.certificate)) {
      Socket backend = login(proxy, client);
      say(client, "one\r\ntwo");
      assertThat(new String(backend.getInputStream().readNBytes(8), UTF_8)).isEqualTo("one\r\ntwo");
      say(backend, "three\r\n");
      assertThat(line(client)).isEqualTo("three");
      backend.close();
      assertThat(rest(client)).isEqualTo("gone\n");
      SessionEvent.Ended ended = proxy.event(SessionEvent.Ended.class, e -> true);
      assertThat(ended.reason()).isEqualTo(EndReason.BACKEND_CLOSED);
      assertThat(ended.user()).contains("alice");
      assertThat(ended.fromClient()).isEqualTo("USER alice\r\n".length() + 8);
    }
  }

  @Test
  void aStalledReaderMakesTheBackendWaitAndNotTheMemoryGrow() throws Exception {
    long gibibyte = 1L << 30;
    try (TinyProxy proxy = start();
        SSLSocket client = proxy.connectTls(proxy.certificate)) {
      Socket backend = login(proxy, client);
      AtomicLong written = new AtomicLong();
      CompletableFuture<Void> sender =
          CompletableFuture.runAsync(
              () -> {
                byte[] block = new byte[64 * 1024];
                try {
                  for (long at = 0; at < gibibyte; at += block.length) {
                    for (int i = 0; i < block.length; i += 8) {
                      block[i] = (byte) ((at + i) >>> 13);
                    }
                    backend.getOutputStream().write(block);
                    written.addAndGet(block.length);
                  }
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      // the reader stalls: soon nothing more is taken from the backend
      AtomicLong last = new AtomicLong(-1);
      Awaitility.await()
          .pollInterval(Duration.ofMillis(300))
          .until(() -> written.get() > 0 && last.getAndSet(written.get()) == written.get());
      assertThat(written.get())
          .as("octets in all socket buffers and the proxy")
          .isLessThan(64L << 20);
      InputStream in = client.getInputStream();
      byte[] block = new byte[64 * 1024];
      for (long at = 0; at < gibibyte; at += block.length) {
        assertThat(in.readNBytes(block, 0, block.length)).isEqualTo(block.length);
        for (int i = 0; i < block.length; i += 8) {
          if (block[i] != (byte) ((at + i) >>> 13)) {
            throw new AssertionError("octet " + (at + i));
          }
        }
      }
      sender.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void whatABackendSentBeforeItClosedReachesASlowReader() throws Exception {
    int size = 12 << 20;
    try (TinyProxy proxy = start();
        Socket client = new Socket()) {
      // a small window makes the reader slower than the backend
      client.setReceiveBufferSize(4096);
      client.connect(proxy.server.addresses().get("tiny"));
      Socket backend = login(proxy, client);
      CompletableFuture<Void> sender =
          CompletableFuture.runAsync(
              () -> {
                try {
                  backend.getOutputStream().write(new byte[size]);
                  backend.close();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      assertThat(client.getInputStream().readAllBytes()).hasSize(size + "gone\r\n".length());
      sender.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void anAddressAboveItsLimitTakesNoPlaceFromOthers() throws Exception {
    try (TinyProxy proxy = start(connections(3, 1), CLEARTEXT_ALLOWED);
        Socket first = proxy.connect("tiny")) {
      line(first);
      for (int i = 0; i < 20; i++) {
        try (Socket more = proxy.connect(i % 2 == 0 ? "tiny" : "tinys")) {
          assertThat(rest(more)).isIn("refused connections-per-address\n", "");
        }
      }
      assertThat(proxy.server.connections()).isEqualTo(1);
    }
  }

  @Test
  void aBodyIsStreamedToItsEndAndNoFurther() throws Exception {
    try (TinyProxy proxy = start();
        SSLSocket client = proxy.connectTls(proxy.certificate)) {
      line(client);
      say(client, "BODY alice\r\n");
      Socket backend = proxy.backendConnection();
      say(backend, "ok\r\n");
      say(client, "Subject: x\r\n\r\n..\r\n.\r\nhi\r\n");
      assertThat(line(client)).isEqualTo("Complete[octets=18, normalized=Optional.empty]");
      assertThat(line(client)).isEqualTo("what? hi");
      assertThat(rest(backend)).isEqualTo("prefix\nSubject: x\n\n..\n.\n");
    }
  }

  @Test
  void nothingBehindABareNewlineReachesTheBackend() throws Exception {
    try (TinyProxy proxy = start();
        SSLSocket client = proxy.connectTls(proxy.certificate)) {
      line(client);
      say(client, "BODY alice\r\n");
      Socket backend = proxy.backendConnection();
      say(backend, "ok\r\n");
      say(client, "a\r\n.\nMAIL FROM:<x>\r\n.\r\n");
      assertThat(line(client)).startsWith("Violated[violation=BARE_LF");
      assertThat(rest(backend)).isEqualTo("prefix\na\n.");
    }
  }

  @Test
  void theNextAddressIsTriedBeforeAnybodyIsTold() throws Exception {
    int dead;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      dead = taken.getLocalPort();
    }
    try (TinyProxy proxy =
            new TinyProxy(
                folder, Limits.DEFAULT, CLEARTEXT_ALLOWED, new HostPort("127.0.0.1", dead));
        SSLSocket client = proxy.connectTls(proxy.certificate)) {
      login(proxy, client);
      assertThat(proxy.find(SessionEvent.BackendFailed.class, e -> true)).isEmpty();
    }
  }

  @Test
  void limitsAreReachedSaidAndCounted() throws Exception {
    Limits tight =
        new Limits(
            64,
            16,
            1,
            200,
            3,
            4,
            Duration.ofMillis(400),
            Duration.ofMillis(1500),
            Duration.ofMillis(300),
            100,
            100,
            100,
            Duration.ofMillis(50),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            SubmissionLimits.DEFAULT);
    try (TinyProxy proxy = start(tight, CLEARTEXT_ALLOWED)) {
      try (Socket client = proxy.connect("tiny")) {
        line(client);
        say(client, "x".repeat(100));
        assertThat(rest(client)).isEqualTo("violation line-too-long\n");
        proxy.event(SessionEvent.LimitReached.class, e -> e.limit() == Limit.LINE_LENGTH);
      }
      try (Socket client = proxy.connect("tiny")) {
        line(client);
        say(client, "0123456789012345678901234567890123456789\r\n".repeat(5));
        assertThat(rest(client)).endsWith("violation too-many-octets\n");
        proxy.event(SessionEvent.LimitReached.class, e -> e.limit() == Limit.PRE_LOGIN_OCTETS);
      }
      try (Socket silent = proxy.connect("tinys")) {
        assertThat(silent.getInputStream().read()).isEqualTo(-1);
        proxy.event(SessionEvent.LimitReached.class, e -> e.limit() == Limit.HANDSHAKE_DEADLINE);
      }
      try (Socket silent = proxy.connect("tiny")) {
        line(silent);
        assertThat(rest(silent)).isEqualTo("timeout login-deadline\n");
        proxy.event(SessionEvent.LimitReached.class, e -> e.limit() == Limit.LOGIN_DEADLINE);
      }
      try (SSLSocket client = proxy.connectTls(proxy.certificate)) {
        login(proxy, client);
        assertThat(rest(client)).isEqualTo("timeout idle-timeout\n");
        proxy.event(SessionEvent.LimitReached.class, e -> e.limit() == Limit.IDLE_TIMEOUT);
      }
      try (Socket client = proxy.connect("tiny")) {
        line(client);
        say(client, "NAP\r\n");
        assertThat(line(client)).isEqualTo("awake");
      }
    }
  }

  @Test
  void connectionsAreLimitedInAllAndByAddress() throws Exception {
    try (TinyProxy proxy = start(connections(100, 2), CLEARTEXT_ALLOWED);
        Socket first = proxy.connect("tiny")) {
      line(first);
      Socket second = proxy.connect("tiny");
      line(second);
      try (Socket third = proxy.connect("tiny")) {
        assertThat(rest(third)).isEqualTo("refused connections-per-address\n");
      }
      second.close();
      Awaitility.await().until(() -> proxy.server.connections() == 1);
      try (Socket again = proxy.connect("tiny")) {
        assertThat(line(again)).isEqualTo(GREETING_IN_CLEAR);
      }
    }
    try (TinyProxy proxy = start(connections(1, 100), CLEARTEXT_ALLOWED);
        Socket first = proxy.connect("tiny")) {
      line(first);
      try (Socket second = proxy.connect("tiny")) {
        assertThat(rest(second)).isEqualTo("refused connections\n");
      }
    }
  }

  @Test
  void aClosingReplyArrivesThoughTheClientStillSends() throws Exception {
    try (TinyProxy proxy = start();
        Socket client = proxy.connect("tiny")) {
      line(client);
      byte[] flood = "a\nb".repeat(100_000).getBytes(UTF_8);
      CompletableFuture<Void> sender =
          CompletableFuture.runAsync(
              () -> {
                try {
                  client.getOutputStream().write(flood);
                } catch (IOException closedInTheMiddle) {
                  // allowed: only what arrives at the client counts
                }
              });
      assertThat(line(client)).isEqualTo("violation bare-lf");
      sender.get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void aDefectEndsOneSessionAndTellsNoSecrets() throws Exception {
    try (TinyProxy proxy = start();
        Socket client = proxy.connect("tiny")) {
      line(client);
      say(client, "CRASH hunter2\r\n");
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      assertThat(proxy.event(SessionEvent.Ended.class, e -> true).reason())
          .isEqualTo(EndReason.INTERNAL);
      try (Socket other = proxy.connect("tiny")) {
        assertThat(line(other)).isEqualTo(GREETING_IN_CLEAR);
      }
    }
  }

  @Test
  @Tag("CCO-3.4")
  void aTruncatedTlsSessionIsToldFromAClosedOne() throws Exception {
    try (TinyProxy proxy = start()) {
      Socket raw = proxy.connect("tinys");
      SSLSocket cut = proxy.tls(raw, proxy.certificate);
      line(cut);
      raw.shutdownOutput();
      assertThat(proxy.event(SessionEvent.Ended.class, e -> true).reason())
          .isEqualTo(EndReason.CLIENT_TRUNCATED);
      proxy.events.clear();
      SSLSocket clean = proxy.connectTls(proxy.certificate);
      line(clean);
      clean.close();
      assertThat(proxy.event(SessionEvent.Ended.class, e -> true).reason())
          .isEqualTo(EndReason.CLIENT_CLOSED);
    }
  }

  @Test
  @Tag("CCO-4.1a")
  @Tag("CCO-4.4")
  void aReloadChangesNewSessionsAndLeavesOpenOnesAlone() throws Exception {
    try (TinyProxy proxy = start();
        SSLSocket open = proxy.connectTls(proxy.certificate)) {
      Socket backend = login(proxy, open);
      int port = proxy.server.addresses().get("tinys").getPort();
      X509Bundle renewed = proxy.writeCertificate("mail.example.org");
      proxy.server.reload(proxy.configuration(Limits.DEFAULT, Policy.DEFAULT));
      assertThat(proxy.server.addresses().get("tinys").getPort()).isEqualTo(port);
      say(open, "still here\r\n");
      assertThat(line(backend)).isEqualTo("still here");
      try (SSLSocket fresh = proxy.connectTls(renewed);
          Socket plain = proxy.connect("tiny")) {
        assertThat(line(fresh)).startsWith("hello tls=true");
        assertThat(line(plain)).contains("login=false");
      }
    }
  }

  @Test
  void aListenerThatIsOnlyRenamedKeepsItsSocket() throws Exception {
    try (TinyProxy proxy = start()) {
      Configuration now = proxy.configuration(Limits.DEFAULT, CLEARTEXT_ALLOWED);
      ListenerSettings old = now.listeners().get(1);
      ListenerSettings renamed =
          new ListenerSettings(
              "public",
              old.service(),
              old.protocol(),
              old.mode(),
              proxy.server.addresses().get("tiny"),
              List.of("main"),
              TlsSettings.DEFAULT,
              List.of());
      proxy.server.reload(
          new Configuration(
              List.of(renamed),
              now.certificates(),
              now.tls(),
              now.tickets(),
              now.backends(),
              now.policy(),
              now.terms(),
              now.management(),
              now.audit()));
      assertThat(proxy.server.addresses()).containsOnlyKeys("public");
      try (Socket client = proxy.connect("public")) {
        assertThat(line(client)).isEqualTo(GREETING_IN_CLEAR);
      }
    }
  }

  @Test
  void drainingTellsEverySessionAndThenEnds() throws Exception {
    try (TinyProxy proxy = start();
        SSLSocket relaying = proxy.connectTls(proxy.certificate);
        Socket greeted = proxy.connect("tiny");
        Socket shaking = proxy.connect("tinys")) {
      login(proxy, relaying);
      line(greeted);
      proxy.stop();
      assertThat(rest(relaying)).isEqualTo("shutdown\n");
      assertThat(rest(greeted)).isEqualTo("shutdown\n");
      assertThat(shaking.getInputStream().read()).isEqualTo(-1);
      assertThat(proxy.server.connections()).isZero();
    }
  }

  @Test
  void anAddressInUseIsSaidPlainlyAndNothingIsLeftRunning() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        TinyProxy proxy = start()) {
      var configuration = proxy.configuration(Limits.DEFAULT, Policy.DEFAULT);
      var taken = configuration.listeners().get(0);
      var clash =
          new Configuration(
              List.of(
                  new ListenerSettings(
                      "other",
                      taken.service(),
                      taken.protocol(),
                      taken.mode(),
                      (InetSocketAddress) other.getLocalSocketAddress(),
                      List.of("main"),
                      TlsSettings.DEFAULT,
                      List.of())),
              configuration.certificates(),
              configuration.tls(),
              configuration.tickets(),
              configuration.backends(),
              configuration.policy(),
              configuration.terms(),
              configuration.management(),
              configuration.audit());
      assertThatThrownBy(() -> proxy.server.reload(clash))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("listener other cannot listen on");
      try (Socket client = proxy.connect("tiny")) {
        assertThat(line(client)).isEqualTo(GREETING_IN_CLEAR);
      }
    }
  }

  private TinyProxy start() throws Exception {
    return start(Limits.DEFAULT, CLEARTEXT_ALLOWED);
  }

  private TinyProxy start(Limits limits, Policy policy) throws Exception {
    return new TinyProxy(folder, limits, policy);
  }

  private static Limits connections(int all, int perAddress) {
    Limits d = Limits.DEFAULT;
    return new Limits(
        d.lineLength(),
        d.literalSize(),
        d.literalCount(),
        d.preLoginOctets(),
        d.badCommands(),
        d.pipelinedCommands(),
        d.handshakeDeadline(),
        d.loginDeadline(),
        d.idleTimeout(),
        all,
        perAddress,
        d.handshakesPerAddress(),
        d.failedLoginDelay(),
        d.backendDeadline(),
        d.drainDeadline(),
        d.submission());
  }

  private static Socket login(TinyProxy proxy, Socket client) throws Exception {
    assertThat(line(client)).startsWith("hello");
    say(client, "USER alice\r\n");
    Socket backend = proxy.backendConnection();
    say(backend, "welcome\r\n");
    assertThat(line(client)).isEqualTo("in after welcome");
    return backend;
  }
}
