package dev.postern.core.upstream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.config.BackendSettings;
import dev.postern.core.config.HostPort;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BackendTest {

  @Test
  void aServerThatConnectsAndSaysNothingIsPassedOver() throws Exception {
    Transport transport = Transport.best();
    EventLoopGroup loops = transport.loops(1, "backend-test");
    try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        ServerSocket speaking = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Connector connector = new Connector(transport)) {
      Backend backend =
          new Backend(
              new BackendSettings(
                  "tiny",
                  BackendProfile.PLAIN,
                  List.of(
                      new HostPort("127.0.0.1", mute.getLocalPort()),
                      new HostPort("127.0.0.1", speaking.getLocalPort())),
                  List.of(),
                  Optional.empty()),
              new BackendOffer(List.of(), false, List.of()),
              connector);
      speaking.setSoTimeout(20_000);
      var connecting =
          backend.connect(loops.next(), ChannelInboundHandlerAdapter::new, Duration.ofMillis(300));
      try (Socket taken = speaking.accept()) {
        taken.getOutputStream().write("hello\r\n".getBytes(US_ASCII));
        Channel channel = connecting.get(20, TimeUnit.SECONDS);
        assertThat(Connector.remote(channel).getPort()).isEqualTo(speaking.getLocalPort());
        channel.close().sync();
      }
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }
  }
}
