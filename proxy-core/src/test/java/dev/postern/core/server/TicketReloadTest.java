package dev.postern.core.server;

import static dev.postern.core.server.TinyProxy.line;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.core.config.Configuration;
import dev.postern.core.config.TicketSettings;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.policy.Policy;
import dev.postern.core.snapshot.Limits;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys of session tickets that change while the proxy runs. */
class TicketReloadTest {
  @TempDir Path folder;

  @Test
  void aReloadExchangesTheKeysAndARefusedOneDoesNot() throws Exception {
    Path current = key("current", 1);
    Path previous = folder.resolve("previous");
    try (TinyProxy proxy = new TinyProxy(folder, Limits.DEFAULT, Policy.DEFAULT)) {
      SSLContext client = SSLContext.getInstance("TLS");
      client.init(null, proxy.certificate.toTrustManagerFactory().getTrustManagers(), null);

      proxy.server.reload(tickets(proxy, new TicketSettings.Files(List.of(current))));
      assertThat(resumes(proxy, client)).isFalse();
      assertThat(resumes(proxy, client)).isTrue();

      Files.write(current, new byte[20]);
      assertThatThrownBy(
              () -> proxy.server.reload(tickets(proxy, new TicketSettings.Files(List.of(current)))))
          .isInstanceOf(StartException.class);
      assertThat(resumes(proxy, client)).as("the keys in force stay").isTrue();

      key("previous", 1);
      key("current", 2);
      proxy.server.reload(tickets(proxy, new TicketSettings.Files(List.of(current, previous))));
      assertThat(resumes(proxy, client)).as("by the key before").isTrue();

      key("current", 3);
      key("previous", 4);
      proxy.server.reload(tickets(proxy, new TicketSettings.Files(List.of(current, previous))));
      assertThat(resumes(proxy, client)).as("its key is gone").isFalse();

      proxy.server.reload(tickets(proxy, new TicketSettings.Off()));
      assertThat(resumes(proxy, client)).isFalse();
      assertThat(resumes(proxy, client)).isFalse();
    }
  }

  private Path key(String name, int seed) throws Exception {
    byte[] octets = new byte[48];
    new Random(seed).nextBytes(octets);
    return Files.write(folder.resolve(name), octets);
  }

  private static Configuration tickets(TinyProxy proxy, TicketSettings tickets) {
    Configuration all = proxy.configuration(Limits.DEFAULT, Policy.DEFAULT);
    return new Configuration(
        all.listeners(),
        all.certificates(),
        all.tls(),
        tickets,
        all.backends(),
        all.policy(),
        all.terms(),
        all.management(),
        all.audit());
  }

  private static boolean resumes(TinyProxy proxy, SSLContext client) throws Exception {
    proxy.events.clear();
    // one port for all, since clients know a server by its name and port
    try (Socket socket = proxy.connect("tinys");
        SSLSocket secured =
            (SSLSocket)
                client.getSocketFactory().createSocket(socket, "mail.example.org", 993, true)) {
      assertThat(line(secured)).startsWith("hello");
      Awaitility.await()
          .until(() -> proxy.find(SessionEvent.TlsEstablished.class, e -> true).isPresent());
      return proxy.find(SessionEvent.TlsEstablished.class, e -> true).orElseThrow().tls().resumed();
    }
  }
}
