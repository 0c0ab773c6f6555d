package dev.postern.core.server;

import static dev.postern.core.server.TinyProxy.line;
import static dev.postern.core.server.TinyProxy.rest;
import static dev.postern.core.server.TinyProxy.say;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.config.Configuration;
import dev.postern.core.config.ListenerSettings;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.ProxyHeaderFailure;
import dev.postern.core.event.SessionContext;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.policy.Conditions;
import dev.postern.core.policy.Network;
import dev.postern.core.policy.Outcome;
import dev.postern.core.policy.Policy;
import dev.postern.core.policy.Rule;
import dev.postern.core.snapshot.Limits;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageEncoder;
import io.netty.handler.codec.haproxy.HAProxyProtocolVersion;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Listeners behind a balancer that says who the client is. */
class ProxyProtocolTest {
  private static final Policy CLEARTEXT_ALLOWED =
      new Policy(
          List.of(new Rule("all", "test", Optional.empty(), Conditions.NONE, Outcome.ALLOW)));
  private static final String HEADER = "PROXY TCP4 203.0.113.9 198.51.100.1 40000 993\r\n";
  private static final InetSocketAddress CLIENT = new InetSocketAddress("203.0.113.9", 40000);
  private static final InetSocketAddress SERVICE = new InetSocketAddress("198.51.100.1", 993);
  private static final String BALANCER = "127.0.0.1";
  private static final String SOMEBODY_ELSE = "10.0.0.5";

  @TempDir Path folder;

  @Test
  void theHeaderSaysWhoTheClientIs() throws Exception {
    try (TinyProxy proxy = behind(BALANCER, Limits.DEFAULT);
        Socket client = proxy.connect("tiny")) {
      say(client, HEADER);
      assertThat(line(client)).startsWith("hello");
      assertThat(context(proxy).client()).isEqualTo(CLIENT);
      assertThat(context(proxy).local()).isEqualTo(SERVICE);
    }
  }

  @Test
  void theBinaryHeaderSaysItToo() throws Exception {
    try (TinyProxy proxy = behind(BALANCER, Limits.DEFAULT);
        Socket client = proxy.connect("tiny")) {
      client.getOutputStream().write(binary(HAProxyCommand.PROXY));
      assertThat(line(client)).startsWith("hello");
      assertThat(context(proxy).client()).isEqualTo(new InetSocketAddress("2001:db8::9", 40001));
    }
  }

  @Test
  void whatComesWithTheHeaderIsNotLost() throws Exception {
    try (TinyProxy proxy = behind(BALANCER, Limits.DEFAULT);
        Socket client = proxy.connect("tiny")) {
      say(client, HEADER + "one\r\nQUIT\r\n");
      assertThat(line(client)).startsWith("hello");
      assertThat(rest(client)).isEqualTo("what? one\nbye\n");
    }
  }

  @Test
  void theHeaderMayComeOctetByOctet() throws Exception {
    try (TinyProxy proxy = behind(BALANCER, Limits.DEFAULT);
        Socket client = proxy.connect("tiny")) {
      client.setTcpNoDelay(true);
      for (byte octet : (HEADER + "QUIT\r\n").getBytes(UTF_8)) {
        client.getOutputStream().write(octet);
      }
      assertThat(line(client)).startsWith("hello");
      assertThat(rest(client)).isEqualTo("bye\n");
      assertThat(context(proxy).client()).isEqualTo(CLIENT);
    }
  }

  @Test
  void tlsBeginsBehindTheHeader() throws Exception {
    try (TinyProxy proxy = behind(BALANCER, Limits.DEFAULT);
        Socket connection = proxy.connect("tinys")) {
      say(connection, HEADER);
      try (SSLSocket client = proxy.tls(connection, proxy.certificate)) {
        assertThat(line(client)).startsWith("hello tls=true");
        assertThat(context(proxy).client()).isEqualTo(CLIENT);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"PROXY UNKNOWN\r\n", "PROXY UNKNOWN 1.2.3.4 5.6.7.8 1 2\r\n"})
  void aBalancerThatLooksAfterUsIsItself(String header) throws Exception {
    try (TinyProxy proxy = behind(BALANCER, Limits.DEFAULT);
        Socket client = proxy.connect("tiny")) {
      say(client, header);
      assertThat(line(client)).startsWith("hello");
      assertThat(context(proxy).client()).isEqualTo(client.getLocalSocketAddress());
    }
  }

  @Test
  void aLocalCommandIsTheBalancerItself() throws Exception {
    try (TinyProxy proxy = behind(BALANCER, Limits.DEFAULT);
        Socket client = proxy.connect("tiny")) {
      client.getOutputStream().write(binary(HAProxyCommand.LOCAL));
      assertThat(line(client)).startsWith("hello");
      assertThat(context(proxy).client()).isEqualTo(client.getLocalSocketAddress());
    }
  }

  @Test
  void aBalancerThatMeansToSpeakIsServedOverTlsToo() throws Exception {
    try (TinyProxy proxy = behind(BALANCER, Limits.DEFAULT);
        Socket connection = proxy.connect("tinys")) {
      connection.getOutputStream().write(binary(HAProxyCommand.LOCAL));
      try (SSLSocket client = proxy.tls(connection, proxy.certificate)) {
        assertThat(line(client)).startsWith("hello tls=true");
        assertThat(context(proxy).client()).isEqualTo(connection.getLocalSocketAddress());
      }
    }
  }

  @Test
  void nobodyElseMaySayWhoTheyAre() throws Exception {
    try (TinyProxy proxy = behind(SOMEBODY_ELSE, Limits.DEFAULT);
        Socket client = proxy.connect("tiny")) {
      sayUnlessClosed(client, HEADER);
      assertThat(restUnlessReset(client)).isEmpty();
      assertThat(refusal(proxy)).isEqualTo(ProxyHeaderFailure.UNTRUSTED);
      assertThat(context(proxy).client()).isEqualTo(client.getLocalSocketAddress());
      assertThat(ended(proxy)).isEqualTo(EndReason.VIOLATION);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "QUIT\r\n",
        "PROXY TCP4 203.0.113.9\r\n",
        "PROXY TCP4 mail.example.org 198.51.100.1 1 2\r\n",
        "PROXY TCP4 203.0.113.9 198.51.100.1 70000 993\r\n",
        "PROXY TCP6 fe80::1%eth0 2001:db8::1 40000 993\r\n",
        "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003aaaaaaaaaaaa"
      })
  void withoutAHeaderNobodyIsServed(String words) throws Exception {
    try (TinyProxy proxy = behind(BALANCER, Limits.DEFAULT);
        Socket client = proxy.connect("tiny")) {
      say(client, words);
      assertThat(restUnlessReset(client)).isEmpty();
      assertThat(refusal(proxy)).isEqualTo(ProxyHeaderFailure.MALFORMED);
      assertThat(ended(proxy)).isEqualTo(EndReason.VIOLATION);
    }
  }

  @Test
  void theHeaderHasToComeInTime() throws Exception {
    try (TinyProxy proxy = behind(BALANCER, withHandshakeDeadline(Duration.ofMillis(300)));
        Socket client = proxy.connect("tiny")) {
      say(client, "PROXY TCP4 203.0.113.9 ");
      assertThat(rest(client)).isEmpty();
      assertThat(refusal(proxy)).isEqualTo(ProxyHeaderFailure.TIMEOUT);
    }
  }

  @Test
  void whoOnlyLooksWhetherThePortIsOpenIsNoSession() throws Exception {
    try (TinyProxy proxy = behind(BALANCER, Limits.DEFAULT)) {
      try (Socket look = proxy.connect("tinys")) {
        look.getOutputStream().write(binary(HAProxyCommand.LOCAL));
        look.shutdownOutput();
        assertThat(rest(look)).isEmpty();
      }
      try (Socket look = proxy.connect("tiny")) {
        look.shutdownOutput();
        assertThat(rest(look)).isEmpty();
      }
      try (Socket client = proxy.connect("tiny")) {
        say(client, HEADER + "QUIT\r\n");
        assertThat(rest(client)).endsWith("bye\n");
      }
      assertThat(proxy.events.stream().filter(h -> h.event() instanceof SessionEvent.Started))
          .hasSize(1);
    }
  }

  @Test
  void placesAreCountedByTheClientAndNotByTheBalancer() throws Exception {
    try (TinyProxy proxy = behind(BALANCER, withConnectionsPerAddress(1));
        Socket first = proxy.connect("tiny");
        Socket same = proxy.connect("tiny");
        Socket other = proxy.connect("tiny")) {
      say(first, HEADER);
      assertThat(line(first)).startsWith("hello");
      say(same, HEADER);
      assertThat(line(same)).isEqualTo("refused " + Limit.CONNECTIONS_PER_ADDRESS.label());
      say(other, HEADER.replace("203.0.113.9", "203.0.113.10"));
      assertThat(line(other)).startsWith("hello");
    }
  }

  private static SessionContext context(TinyProxy proxy) {
    proxy.event(SessionEvent.Started.class, e -> true);
    return proxy.events.get(0).context();
  }

  private static ProxyHeaderFailure refusal(TinyProxy proxy) {
    return proxy.event(SessionEvent.ProxyHeaderRefused.class, e -> true).failure();
  }

  private static EndReason ended(TinyProxy proxy) {
    return proxy.event(SessionEvent.Ended.class, e -> true).reason();
  }

  private static void sayUnlessClosed(Socket to, String words) {
    try {
      say(to, words);
    } catch (IOException closed) {
      // the end of the connection may overtake what is said
    }
  }

  private static String restUnlessReset(Socket from) {
    try {
      return rest(from);
    } catch (IOException reset) {
      return "";
    }
  }

  private static byte[] binary(HAProxyCommand command) {
    EmbeddedChannel encoder = new EmbeddedChannel(HAProxyMessageEncoder.INSTANCE);
    encoder.writeOutbound(
        new HAProxyMessage(
            HAProxyProtocolVersion.V2,
            command,
            HAProxyProxiedProtocol.TCP6,
            "2001:db8::9",
            "2001:db8::1",
            40001,
            993));
    ByteBuf encoded = encoder.readOutbound();
    byte[] octets = ByteBufUtil.getBytes(encoded);
    encoded.release();
    encoder.finishAndReleaseAll();
    return octets;
  }

  private static Limits withHandshakeDeadline(Duration deadline) {
    return limits(deadline, Limits.DEFAULT.connectionsPerAddress());
  }

  private static Limits withConnectionsPerAddress(int most) {
    return limits(Limits.DEFAULT.handshakeDeadline(), most);
  }

  private static Limits limits(Duration handshakeDeadline, int connectionsPerAddress) {
    Limits d = Limits.DEFAULT;
    return new Limits(
        d.lineLength(),
        d.literalSize(),
        d.literalCount(),
        d.preLoginOctets(),
        d.badCommands(),
        d.pipelinedCommands(),
        handshakeDeadline,
        d.loginDeadline(),
        d.idleTimeout(),
        d.connections(),
        connectionsPerAddress,
        d.handshakesPerAddress(),
        d.failedLoginDelay(),
        d.backendDeadline(),
        d.drainDeadline(),
        d.submission());
  }

  /** Has both listeners expect a header from then on, on the sockets they have. */
  private TinyProxy behind(String balancer, Limits limits) throws Exception {
    TinyProxy proxy = new TinyProxy(folder, limits, CLEARTEXT_ALLOWED);
    Configuration now = proxy.configuration(limits, CLEARTEXT_ALLOWED);
    List<Network> balancers = List.of(Network.parse(balancer).orElseThrow());
    proxy.server.reload(
        new Configuration(
            now.listeners().stream()
                .map(
                    l ->
                        new ListenerSettings(
                            l.name(),
                            l.service(),
                            l.protocol(),
                            l.mode(),
                            proxy.server.addresses().get(l.name()),
                            l.certificates(),
                            l.tls(),
                            balancers))
                .toList(),
            now.certificates(),
            now.tls(),
            now.tickets(),
            now.backends(),
            now.policy(),
            now.terms(),
            now.management(),
            now.audit()));
    return proxy;
  }
}
