package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.ProxyHeaderFailure;
import dev.postern.core.event.SessionEvent;
import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import dev.postern.deploy.backend.WithMailBackends;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A real HAProxy in front, which says by the PROXY protocol whose connections it passes on. */
@WithMailBackends
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BalancerTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String CLIENT = "127.0.0.2";

  private final MailBackends backends;
  private Path folder;
  private Gate gate;

  BalancerTest(MailBackends backends) {
    this.backends = backends;
  }

  @BeforeAll
  void open(@TempDir Path shared) throws Exception {
    Command.need("haproxy", "haproxy", "-v");
    Command.need("swaks", "swaks", "--version");
    Command.need("libnet-ssleay-perl", "perl", "-MNet::SSLeay", "-e", "1");
    folder = shared;
    gate =
        Gate.configured(
            backends,
            shared,
            """
            certificates:
              - { name: main, chain: chain.pem, key: key.pem }
            listeners:
              - { service: imaps, address: "127.0.0.1:0", proxy-protocol: [127.0.0.1] }
              - { service: submission, address: "127.0.0.1:0", proxy-protocol: [127.0.0.1] }
              - { service: pop3, address: "127.0.0.1:0", proxy-protocol: [192.0.2.1] }
            """);
  }

  @AfterAll
  void close() throws Exception {
    if (gate != null) {
      gate.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"send-proxy", "send-proxy-v2", "send-proxy-v2 check inter 100"})
  void theClientIsWhoItIsBehindABalancer(String keywords) throws Exception {
    int mark = gate.mark();
    int port;
    try (Balancer balancer = new Balancer("imaps", keywords)) {
      port = balancer.port;
      Command done =
          Command.run(
              "",
              "curl",
              "--silent",
              "--show-error",
              "--interface",
              CLIENT,
              "--cacert",
              gate.certificateFile().toString(),
              "--user",
              Account.ALICE.user() + ":" + Account.ALICE.password(),
              "--connect-to",
              "mail.example.org:993:127.0.0.1:" + balancer.port,
              "imaps://mail.example.org/INBOX?NEW");
      assertThat(done.exit()).as(done.err()).isZero();
    }
    gate.awaitSince(
        mark, SessionEvent.LoginEnded.class, login -> login.outcome() == LoginOutcome.SUCCESS);
    assertThat(gate.events().stream().skip(mark))
        .filteredOn(heard -> heard.event() instanceof SessionEvent.LoginEnded)
        .allSatisfy(
            heard -> {
              assertThat(heard.context().client().getAddress().getHostAddress()).isEqualTo(CLIENT);
              // to what the client connected
              assertThat(heard.context().local().getPort()).isEqualTo(port);
            });
  }

  @Test
  void whereMailCameFromIsWhatTheBalancerSays() throws Exception {
    String id = "<" + UUID.randomUUID() + "@balanced>";
    Command done =
        Command.run(
            "",
            "swaks",
            "--server",
            "127.0.0.1:" + gate.port("submission"),
            "--proxy",
            "TCP4 203.0.113.7 192.0.2.1 4711 587",
            "--ehlo",
            "laptop.example",
            "-tls",
            "--auth",
            "PLAIN",
            "-au",
            Account.ALICE.user(),
            "-ap",
            Account.ALICE.password(),
            "--from",
            Account.ALICE.user(),
            "--to",
            Account.BOB.user(),
            "--header",
            "Message-Id: " + id,
            "--timeout",
            "30");
    assertThat(done.exit()).as(done.out() + done.err()).isZero();
    String arrived = new String(backends.awaitMessage(SOON, Account.BOB, id), ISO_8859_1);
    assertThat(Arrived.field(arrived)).contains("([203.0.113.7])");
  }

  @Test
  void whoIsNoBalancerIsNotServed() throws Exception {
    int mark = gate.mark();
    try (Socket client = new Socket(InetAddress.getLoopbackAddress(), gate.port("pop3"))) {
      client.setSoTimeout((int) SOON.toMillis());
      assertThat(readOrReset(client)).isEmpty();
    }
    gate.awaitSince(
        mark,
        SessionEvent.ProxyHeaderRefused.class,
        refused -> refused.failure() == ProxyHeaderFailure.UNTRUSTED);
    Awaitility.await().until(() -> gate.audit().contains("\"event\":\"proxy-header-refused\""));
  }

  private static byte[] readOrReset(Socket from) {
    try {
      return from.getInputStream().readAllBytes();
    } catch (IOException reset) {
      return new byte[0];
    }
  }

  /** An HAProxy in front of one listener. */
  private final class Balancer implements AutoCloseable {
    final int port;
    private final Process process;

    Balancer(String service, String keywords) throws Exception {
      port = freePort();
      Path file =
          Files.writeString(
              folder.resolve("haproxy.cfg"),
              """
              defaults
                mode tcp
                timeout connect 10s
                timeout client 60s
                timeout server 60s
              listen mail
                bind 127.0.0.1:%d
                server postern 127.0.0.1:%d %s
              """
                  .formatted(port, gate.port(service), keywords));
      process =
          new ProcessBuilder("haproxy", "-db", "-f", file.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("haproxy.log").toFile())
              .start();
      Awaitility.await("HAProxy listens")
          .atMost(SOON)
          .until(() -> !process.isAlive() || listens(port));
      assertThat(process.isAlive()).as(Files.readString(folder.resolve("haproxy.log"))).isTrue();
    }

    @Override
    public void close() {
      process.destroy();
      assertThat(process.onExit()).succeedsWithin(SOON);
    }
  }

  private static boolean listens(int port) {
    try (Socket look = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return look.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }
}
