package dev.postern.core.upstream;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.config.BackendSettings;
import dev.postern.core.config.HostPort;
import dev.postern.core.protocol.Probe;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProberTest {
  private static final Duration RETRY = Duration.ofMillis(100);

  @Test
  void aServerThatClosesBeforeItGreetsIsAskedOnceAtATime() throws Exception {
    Transport transport = Transport.best();
    EventLoopGroup loops = transport.loops(1, "prober-test");
    EventLoop loop = loops.next();
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Connector connector = new Connector(transport)) {
      server.setSoTimeout(20_000);
      Backend backend =
          new Backend(
              new BackendSettings(
                  "tiny",
                  BackendProfile.PLAIN,
                  List.of(new HostPort("127.0.0.1", server.getLocalPort())),
                  List.of(),
                  Optional.empty()),
              new BackendOffer(List.of(), false, List.of()),
              connector);
      try (Prober prober =
          new Prober(
              backend, () -> line -> new Probe.Step.More(), loop, Duration.ofSeconds(20), RETRY)) {
        prober.start();
        server.accept().close();
        try (Socket second = server.accept()) {
          // whatever else was to be asked by now has been connected when this is done
          loop.schedule(() -> {}, 2 * RETRY.toMillis(), TimeUnit.MILLISECONDS).sync();
          server.setSoTimeout(1);
          assertThatThrownBy(server::accept).isInstanceOf(SocketTimeoutException.class);
          second.setSoTimeout(1);
          assertThatThrownBy(() -> second.getInputStream().read())
              .isInstanceOf(SocketTimeoutException.class);
        }
      }
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }
}
