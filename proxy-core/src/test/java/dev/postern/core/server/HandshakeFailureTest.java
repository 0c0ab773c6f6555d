package dev.postern.core.server;

import static dev.postern.core.server.TinyProxy.line;
import static dev.postern.core.server.TinyProxy.rest;
import static dev.postern.core.server.TinyProxy.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.event.TlsFailure;
import dev.postern.core.policy.Conditions;
import dev.postern.core.policy.Outcome;
import dev.postern.core.policy.Policy;
import dev.postern.core.policy.Rule;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.tls.ClientHello;
import dev.postern.core.tls.HelloOctets;
import dev.postern.core.tls.TlsVersion;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Beginnings and ends of TLS on both kinds of listener. */
class HandshakeFailureTest {
  private static final Policy CLEARTEXT_ALLOWED =
      new Policy(
          List.of(new Rule("all", "test", Optional.empty(), Conditions.NONE, Outcome.ALLOW)));
  private static final Duration SOON = Duration.ofMillis(400);

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"GET / HTTP/1.1, HTTP", "EHLO mail.example.org, NOT_TLS", "hello, NOT_TLS"})
  void plainOctetsOnATlsPortAreTold(String words, TlsFailure failure) throws Exception {
    try (TinyProxy proxy = start(Limits.DEFAULT);
        Socket client = proxy.connect("tinys")) {
      say(client, words + "\r\n");
      assertThat(rest(client)).isEmpty();
      SessionEvent.TlsFailed failed = failed(proxy);
      assertThat(failed.reason()).isEqualTo(failure);
      assertThat(failed.hello()).isEmpty();
      assertThat(ended(proxy)).isEqualTo(EndReason.TLS_FAILED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tinys", "tiny"})
  @Tag("CCO-4.1d")
  void anOldClientIsToldAndItsVersionsAreKnown(String listener) throws Exception {
    try (TinyProxy proxy = start(Limits.DEFAULT);
        Socket client = begin(proxy, listener)) {
      client
          .getOutputStream()
          .write(ByteBufUtil.getBytes(HelloOctets.of(0x0302, 0x002f).records(16384)));
      // a fatal alert, protocol_version (RFC 8446 §6.2)
      assertThat(client.getInputStream().readAllBytes()).startsWith(21, 3).endsWith(0, 2, 2, 70);
      SessionEvent.TlsFailed failed = failed(proxy);
      assertThat(failed.reason()).isEqualTo(TlsFailure.NO_SHARED_VERSION);
      assertThat(failed.hello().map(ClientHello::versions))
          .contains(List.of(TlsVersion.TLS_1_1, TlsVersion.TLS_1_0));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tinys", "tiny"})
  @Tag("CCO-4.4")
  void whoWantsAnotherProtocolOnlyIsRefused(String listener) throws Exception {
    try (TinyProxy proxy = start(Limits.DEFAULT);
        Socket raw = begin(proxy, listener)) {
      assertThatThrownBy(() -> tls(proxy, raw, "TLSv1.3", "h2", "http/1.1"))
          .isInstanceOf(SSLException.class)
          .hasMessageContaining("no_application_protocol");
      SessionEvent.TlsFailed failed = failed(proxy);
      assertThat(failed.reason()).isEqualTo(TlsFailure.NO_SHARED_ALPN);
      ClientHello hello = failed.hello().orElseThrow();
      assertThat(hello.alpn()).containsExactly("h2", "http/1.1");
      assertThat(hello.serverName()).contains("mail.example.org");
      assertThat(ended(proxy)).isEqualTo(EndReason.TLS_FAILED);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"tinys", "tiny"})
  @Tag("CCO-4.4")
  void whoWantsThisProtocolIsServed(String listener) throws Exception {
    try (TinyProxy proxy = start(Limits.DEFAULT);
        Socket raw = begin(proxy, listener);
        SSLSocket client = tls(proxy, raw, "TLSv1.3", "h2", "tiny")) {
      assertThat(client.getApplicationProtocol()).isEqualTo("tiny");
      assertThat(proxy.event(SessionEvent.TlsEstablished.class, e -> true).tls().alpn())
          .contains("tiny");
    }
  }

  @ParameterizedTest
  @CsvSource({"tinys, false", "tinys, true", "tiny, false", "tiny, true"})
  void theDeadlineCoversTheTimeBeforeTheHello(String listener, boolean begun) throws Exception {
    Limits d = Limits.DEFAULT;
    try (TinyProxy proxy = start(limits(SOON, d.loginDeadline(), d.handshakesPerAddress()));
        Socket client = begin(proxy, listener)) {
      say(client, begun ? "\u0016\u0003" : "");
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      assertThat(failed(proxy).reason()).isEqualTo(TlsFailure.TIMEOUT);
      proxy.event(SessionEvent.LimitReached.class, e -> e.limit() == Limit.HANDSHAKE_DEADLINE);
    }
  }

  @Test
  void aHandshakeInTimeLeavesTheTimeForTheLogin() throws Exception {
    // enough for a handshake on a busy machine, and less than the time for the login
    try (TinyProxy proxy = start(limits(Duration.ofSeconds(9), Duration.ofSeconds(10), 10));
        SSLSocket client = proxy.connectTls(proxy.certificate)) {
      line(client);
      assertThat(rest(client)).isEqualTo("timeout login-deadline\n");
      assertThat(proxy.find(SessionEvent.TlsFailed.class, e -> true)).isEmpty();
    }
  }

  @Test
  void goingAwayInTheMiddleIsToldFromBreakingOff() throws Exception {
    try (TinyProxy proxy = start(Limits.DEFAULT)) {
      proxy.connect("tinys").close();
      assertThat(failed(proxy).reason()).isEqualTo(TlsFailure.CLOSED);
      proxy.events.clear();
      Socket broken = proxy.connect("tinys");
      say(broken, "\u0016\u0003\u0001");
      proxy.event(SessionEvent.Started.class, e -> true);
      broken.setSoLinger(true, 0);
      broken.close();
      assertThat(failed(proxy).reason()).isEqualTo(TlsFailure.RESET);
    }
  }

  @Test
  void handshakesOfOneAddressAreBounded() throws Exception {
    Limits d = Limits.DEFAULT;
    try (TinyProxy proxy = start(limits(d.handshakeDeadline(), d.loginDeadline(), 2))) {
      Socket first = proxy.connect("tinys");
      Socket second = begin(proxy, "tiny");
      Awaitility.await().until(() -> proxy.server.connections() == 2);
      try (Socket third = proxy.connect("tinys")) {
        assertThat(third.getInputStream().read()).isEqualTo(-1);
        proxy.event(
            SessionEvent.LimitReached.class, e -> e.limit() == Limit.HANDSHAKES_PER_ADDRESS);
        assertThat(ended(proxy)).isEqualTo(EndReason.LIMIT);
      }
      try (Socket plain = proxy.connect("tiny")) {
        assertThat(line(plain)).as("only handshakes are bounded").startsWith("hello");
        say(plain, "STARTTLS\r\n");
        assertThat(rest(plain)).isEmpty();
      }
      first.close();
      second.close();
      Awaitility.await("all four have ended")
          .until(
              () ->
                  proxy.events.stream().filter(e -> e.event() instanceof SessionEvent.Ended).count()
                      == 4);
      try (SSLSocket one = greeted(proxy);
          SSLSocket two = greeted(proxy);
          SSLSocket three = greeted(proxy)) {
        assertThat(List.of(one, two, three)).as("done handshakes do not count").hasSize(3);
      }
    }
  }

  /** Of TLS 1.3 the server sees the end later than the client: its greeting tells that it has. */
  private static SSLSocket greeted(TinyProxy proxy) throws Exception {
    SSLSocket client = proxy.connectTls(proxy.certificate);
    assertThat(line(client)).startsWith("hello");
    return client;
  }

  @Test
  void nobodyRenegotiates() throws Exception {
    try (TinyProxy proxy = start(Limits.DEFAULT);
        SSLSocket client = tls(proxy, proxy.connect("tinys"), "TLSv1.2")) {
      line(client);
      assertThatThrownBy(
              () -> {
                client.startHandshake();
                line(client);
              })
          .isInstanceOf(IOException.class);
      ended(proxy);
      assertThat(
              proxy.events.stream().filter(e -> e.event() instanceof SessionEvent.TlsEstablished))
          .hasSize(1);
    }
  }

  @Test
  @Tag("CCO-3.4")
  void closeNotifyComesBeforeTheEndWhoeverCloses() throws Exception {
    try (TinyProxy proxy = start(Limits.DEFAULT)) {
      try (RecordedSocket raw = new RecordedSocket(proxy.server.addresses().get("tinys"));
          SSLSocket client = tls(proxy, raw, "TLSv1.2")) {
        line(client);
        say(client, "QUIT\r\n");
        assertThat(rest(client)).isEqualTo("bye\n");
        assertThat(raw.lastRecord()).as("content type of an alert").isEqualTo(21);
        assertThat(ended(proxy)).isEqualTo(EndReason.LOGOUT);
      }
      proxy.events.clear();
      try (RecordedSocket raw = new RecordedSocket(proxy.server.addresses().get("tinys"));
          SSLSocket client = tls(proxy, raw, "TLSv1.2")) {
        line(client);
        client.shutdownOutput();
        assertThat(rest(client)).isEmpty();
        assertThat(raw.lastRecord()).as("content type of an alert").isEqualTo(21);
        assertThat(ended(proxy)).isEqualTo(EndReason.CLIENT_CLOSED);
      }
    }
  }

  @Test
  @Tag("CCO-3.4")
  void aClientThatDoesNotWaitAfterItsGoodbyeIsNoError() throws Exception {
    try (TinyProxy proxy = start(Limits.DEFAULT)) {
      Socket raw = proxy.connect("tinys");
      SSLSocket client = tls(proxy, raw, "TLSv1.3");
      line(client);
      say(client, "QUIT\r\n");
      raw.close();
      assertThat(ended(proxy)).isEqualTo(EndReason.LOGOUT);
      assertThat(proxy.events.stream().filter(e -> e.event() instanceof SessionEvent.Ended))
          .hasSize(1);
    }
  }

  // ---- clients

  /** Connects, and comes to where a handshake begins. */
  private static Socket begin(TinyProxy proxy, String listener) throws IOException {
    Socket socket = proxy.connect(listener);
    if (listener.equals("tiny")) {
      line(socket);
      say(socket, "STARTTLS\r\n");
      assertThat(line(socket)).isEqualTo("go");
    }
    return socket;
  }

  private static SSLSocket tls(TinyProxy proxy, Socket over, String version, String... alpn)
      throws Exception {
    SSLContext context = SSLContext.getInstance(version);
    context.init(null, proxy.certificate.toTrustManagerFactory().getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(over, "mail.example.org", over.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName("mail.example.org")));
    parameters.setProtocols(new String[] {version});
    parameters.setApplicationProtocols(alpn);
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }

  private static SessionEvent.TlsFailed failed(TinyProxy proxy) {
    return proxy.event(SessionEvent.TlsFailed.class, e -> true);
  }

  private static EndReason ended(TinyProxy proxy) {
    return proxy.event(SessionEvent.Ended.class, e -> true).reason();
  }

  private TinyProxy start(Limits limits) throws Exception {
    return new TinyProxy(folder, limits, CLEARTEXT_ALLOWED);
  }

  private static Limits limits(Duration handshake, Duration login, int handshakes) {
    Limits d = Limits.DEFAULT;
    return new Limits(
        d.lineLength(),
        d.literalSize(),
        d.literalCount(),
        d.preLoginOctets(),
        d.badCommands(),
        d.pipelinedCommands(),
        handshake,
        login,
        d.idleTimeout(),
        d.connections(),
        d.connectionsPerAddress(),
        handshakes,
        d.failedLoginDelay(),
        d.backendDeadline(),
        d.drainDeadline(),
        d.submission());
  }

  /** Keeps what came from the server. */
  private static final class RecordedSocket extends Socket {
    private final ByteArrayOutputStream came = new ByteArrayOutputStream();

    RecordedSocket(InetSocketAddress at) throws IOException {
      super(at.getAddress(), at.getPort());
      setSoTimeout(30_000);
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read() throws IOException {
          int octet = super.read();
          if (octet >= 0) {
            came.write(octet);
          }
          return octet;
        }

        @Override
        public int read(byte[] into, int at, int most) throws IOException {
          int count = super.read(into, at, most);
          if (count > 0) {
            came.write(into, at, count);
          }
          return count;
        }
      };
    }

    /** Returns the content type of the last record. */
    int lastRecord() {
      byte[] octets = came.toByteArray();
      int type = -1;
      for (int at = 0; at < octets.length; ) {
        type = octets[at];
        at += 5 + (Byte.toUnsignedInt(octets[at + 3]) << 8) + Byte.toUnsignedInt(octets[at + 4]);
      }
      return type;
    }
  }
}
