package dev.postern.core.server;

import static dev.postern.core.server.TinyProxy.line;
import static dev.postern.core.server.TinyProxy.rest;
import static dev.postern.core.server.TinyProxy.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.core.config.CertificateSettings;
import dev.postern.core.config.Configuration;
import dev.postern.core.config.ListenerSettings;
import dev.postern.core.config.StaplingSettings;
import dev.postern.core.config.TlsSettings;
import dev.postern.core.policy.Policy;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.tls.CertificateFiles;
import dev.postern.core.tls.TlsMode;
import io.netty.pkitesting.X509Bundle;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Listeners whose certificates cannot be used, at the start and at reloads. */
class WithoutCertificateTest {
  @TempDir Path folder;

  private TinyProxy start() throws Exception {
    return new TinyProxy(folder, Limits.DEFAULT, Policy.DEFAULT);
  }

  private static Configuration configuration(TinyProxy proxy) {
    return proxy.configuration(Limits.DEFAULT, Policy.DEFAULT);
  }

  private static Configuration with(
      Configuration now, List<ListenerSettings> listeners, List<CertificateSettings> certificates) {
    return new Configuration(
        listeners,
        certificates,
        now.tls(),
        now.tickets(),
        now.backends(),
        now.policy(),
        now.terms(),
        now.management(),
        now.audit());
  }

  /** The same, but for listeners that begin with TLS: those may wait for a certificate. */
  private static Configuration waiting(Configuration now) {
    TlsSettings d = TlsSettings.DEFAULT;
    TlsSettings tls =
        new TlsSettings(
            d.minimum(),
            d.maximum(),
            d.cipherSuites(),
            d.groups(),
            d.strictServerNames(),
            true,
            d.clients());
    return with(
        now,
        now.listeners().stream()
            .map(
                l ->
                    new ListenerSettings(
                        l.name(),
                        l.service(),
                        l.protocol(),
                        l.mode(),
                        l.address(),
                        l.certificates(),
                        tls,
                        List.of()))
            .toList(),
        now.certificates());
  }

  private static PosternServer second(Configuration configuration) throws StartException {
    return PosternServer.start(
        configuration,
        Protocols.of(List.of(new TinyProtocol())),
        (context, event) -> {},
        file -> {
          throw new IllegalArgumentException("no directory here");
        });
  }

  @Test
  void aListenerThatBeginsWithTlsRefusesToStart() throws Exception {
    try (TinyProxy proxy = start()) {
      Files.writeString(folder.resolve("key.pem"), "garbage");
      assertThatThrownBy(() -> second(configuration(proxy)).shutDown())
          .isInstanceOf(StartException.class)
          .hasMessageContaining("listener tinys begins with TLS, and no certificate can be used")
          .hasMessageContaining("certificate main: " + folder.resolve("key.pem"))
          .hasMessageContaining("without-certificate: true");
    }
  }

  @Test
  @Tag("DEEP-9.2a")
  void startTlsIsNeitherOfferedNorDoneUntilThereIsACertificate() throws Exception {
    try (TinyProxy proxy = start()) {
      Files.delete(folder.resolve("chain.pem"));
      Configuration now = configuration(proxy);
      List<ListenerSettings> explicit =
          now.listeners().stream().filter(l -> l.mode() == TlsMode.STARTTLS).toList();
      PosternServer server = second(with(now, explicit, now.certificates()));
      try {
        assertThat(server.certificates().get("main")).isInstanceOf(CertificateState.Unusable.class);
        try (Socket client = connect(server, "tiny")) {
          assertThat(line(client)).contains("starttls=false");
        }
        X509Bundle made = proxy.writeCertificate("mail.example.org");
        server.reload(with(now, explicit, now.certificates()));
        try (Socket client = connect(server, "tiny")) {
          assertThat(line(client)).contains("starttls=true");
          say(client, "STARTTLS\r\n");
          assertThat(line(client)).isEqualTo("go");
          try (SSLSocket secured = proxy.tls(client, made)) {
            say(secured, "hi\r\n");
            assertThat(line(secured)).isEqualTo("what? hi");
          }
        }
      } finally {
        server.shutDown();
      }
    }
  }

  @Test
  void aListenerThatMayWaitListensOnceThereIsACertificateAndNeverInCleartext() throws Exception {
    try (TinyProxy proxy = start()) {
      Files.writeString(folder.resolve("chain.pem"), "");
      PosternServer server = second(waiting(configuration(proxy)));
      try {
        assertThat(server.addresses()).containsOnlyKeys("tiny");
        X509Bundle made = proxy.writeCertificate("mail.example.org");
        server.reload(waiting(configuration(proxy)));
        assertThat(server.addresses()).containsOnlyKeys("tinys", "tiny");
        try (Socket plain = connect(server, "tinys");
            SSLSocket client = proxy.tls(plain, made)) {
          assertThat(line(client)).startsWith("hello tls=true");
        }
      } finally {
        server.shutDown();
      }
    }
  }

  @Test
  @Tag("CCO-4.4")
  void brokenFilesKeepWhatIsInForceAndTheRestOfTheConfigurationChanges() throws Exception {
    try (TinyProxy proxy = start()) {
      Files.writeString(folder.resolve("key.pem"), "garbage");
      Configuration now = configuration(proxy);
      List<ListenerSettings> more = new ArrayList<>(now.listeners());
      ListenerSettings tiny = now.listeners().get(1);
      more.add(
          new ListenerSettings(
              "another",
              tiny.service(),
              tiny.protocol(),
              tiny.mode(),
              tiny.address(),
              tiny.certificates(),
              tiny.tls(),
              List.of()));
      proxy.server.reload(with(now, more, now.certificates()));
      assertThat(proxy.server.addresses()).containsKey("another");
      assertThat(proxy.server.certificates().get("main")).isInstanceOf(CertificateState.Kept.class);
      try (SSLSocket client = proxy.connectTls(proxy.certificate);
          Socket plain = proxy.connect("another")) {
        assertThat(line(client)).startsWith("hello tls=true");
        assertThat(line(plain)).contains("starttls=true");
      }
      X509Bundle renewed = proxy.writeCertificate("mail.example.org");
      proxy.server.reload(now);
      assertThat(proxy.server.certificates().get("main"))
          .isInstanceOf(CertificateState.Loaded.class);
      try (SSLSocket client = proxy.connectTls(renewed)) {
        assertThat(line(client)).startsWith("hello tls=true");
      }
    }
  }

  @Test
  @Tag("CCO-4.4")
  void ofSeveralCertificatesTheBrokenOneIsLeftOut() throws Exception {
    try (TinyProxy proxy = start()) {
      Configuration now = configuration(proxy);
      CertificateSettings broken =
          new CertificateSettings(
              "broken",
              List.of(),
              new CertificateFiles.Pem(
                  folder.resolve("none.pem"), folder.resolve("none.key"), Optional.empty()),
              new StaplingSettings.Off());
      List<ListenerSettings> both =
          now.listeners().stream()
              .map(
                  l ->
                      new ListenerSettings(
                          l.name(),
                          l.service(),
                          l.protocol(),
                          l.mode(),
                          l.address(),
                          List.of("broken", "main"),
                          l.tls(),
                          List.of()))
              .toList();
      proxy.server.reload(with(now, both, List.of(broken, now.certificates().get(0))));
      try (SSLSocket client = proxy.connectTls(proxy.certificate)) {
        assertThat(line(client)).startsWith("hello tls=true");
      }
    }
  }

  @Test
  void aNewListenerWithoutACertificateRefusesTheReloadAndChangesNothing() throws Exception {
    try (TinyProxy proxy = start()) {
      Configuration now = configuration(proxy);
      CertificateSettings broken =
          new CertificateSettings(
              "broken",
              List.of(),
              new CertificateFiles.Pem(
                  folder.resolve("none.pem"), folder.resolve("none.key"), Optional.empty()),
              new StaplingSettings.Off());
      List<ListenerSettings> more = new ArrayList<>(now.listeners());
      ListenerSettings tinys = now.listeners().get(0);
      more.add(
          new ListenerSettings(
              "second",
              tinys.service(),
              tinys.protocol(),
              tinys.mode(),
              tinys.address(),
              List.of("broken"),
              tinys.tls(),
              List.of()));
      assertThatThrownBy(
              () ->
                  proxy.server.reload(with(now, more, List.of(broken, now.certificates().get(0)))))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("listener second begins with TLS")
          .hasMessageContaining("none.key does not exist");
      assertThat(proxy.server.certificates()).containsOnlyKeys("main");
      try (SSLSocket client = proxy.connectTls(proxy.certificate)) {
        assertThat(line(client)).startsWith("hello tls=true");
        say(client, "QUIT\r\n");
        assertThat(rest(client)).isEqualTo("bye\n");
      }
    }
  }

  private static Socket connect(PosternServer server, String listener) throws Exception {
    var at = server.addresses().get(listener);
    Socket socket = new Socket(at.getAddress(), at.getPort());
    socket.setSoTimeout(30_000);
    return socket;
  }
}
