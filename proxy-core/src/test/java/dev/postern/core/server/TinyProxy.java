package dev.postern.core.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.config.AuditSettings;
import dev.postern.core.config.BackendSettings;
import dev.postern.core.config.CertificateSettings;
import dev.postern.core.config.Configuration;
import dev.postern.core.config.HostPort;
import dev.postern.core.config.ListenerSettings;
import dev.postern.core.config.ManagementSettings;
import dev.postern.core.config.PolicySettings;
import dev.postern.core.config.StaplingSettings;
import dev.postern.core.config.TicketSettings;
import dev.postern.core.config.TlsSettings;
import dev.postern.core.deep.DeepStatus;
import dev.postern.core.event.SessionContext;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.policy.Policy;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.snapshot.TraceSettings;
import dev.postern.core.tls.CertificateFiles;
import dev.postern.core.tls.TlsMode;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.Assertions;

/**
 * The whole proxy on loopback, speaking {@link TinyProtocol}, with a backend whose connections a
 * test takes one by one.
 */
final class TinyProxy implements AutoCloseable {
  record Heard(SessionContext context, SessionEvent event) {}

  final BlockingQueue<Socket> backendConnections = new LinkedBlockingQueue<>();
  final List<Heard> events = new CopyOnWriteArrayList<>();
  final X509Bundle certificate;
  final PosternServer server;
  private final ServerSocket backend = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<Socket> opened = new ArrayList<>();
  private final Path folder;
  private boolean stopped;

  TinyProxy(Path folder, Limits limits, Policy policy, HostPort... before) throws Exception {
    this.folder = folder;
    this.certificate = writeCertificate("mail.example.org");
    List<HostPort> addresses = new ArrayList<>(List.of(before));
    addresses.add(new HostPort("127.0.0.1", backend.getLocalPort()));
    this.backends = addresses;
    Thread acceptor = new Thread(this::accept, "tiny-backend");
    acceptor.setDaemon(true);
    acceptor.start();
    server =
        PosternServer.start(
            configuration(limits, policy),
            Protocols.of(List.of(new TinyProtocol())),
            (context, event) -> events.add(new Heard(context, event)),
            file -> {
              throw new IllegalArgumentException("no directory here");
            });
    // the prober's conversation
    try (Socket probe = backendConnection()) {
      say(probe, "hello\r\n");
      Assertions.assertThat(line(probe)).isEqualTo("what");
      say(probe, "learned\r\n");
      Assertions.assertThat(line(probe)).isEqualTo("bye");
    }
  }

  private final List<HostPort> backends;

  X509Bundle writeCertificate(String name) throws Exception {
    X509Bundle made =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=" + name)
            .addSanDnsName(name)
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(folder.resolve("chain.pem"), made.getCertificatePathPEM());
    Files.writeString(folder.resolve("key.pem"), made.getPrivateKeyPEM());
    return made;
  }

  Configuration configuration(Limits limits, Policy policy) {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return new Configuration(
        List.of(
            new ListenerSettings(
                "tinys",
                "tinys",
                "tiny",
                TlsMode.IMPLICIT,
                any,
                List.of("main"),
                TlsSettings.DEFAULT,
                List.of()),
            new ListenerSettings(
                "tiny",
                "tiny",
                "tiny",
                TlsMode.STARTTLS,
                any,
                List.of("main"),
                TlsSettings.DEFAULT,
                List.of())),
        List.of(
            new CertificateSettings(
                "main",
                List.of(),
                new CertificateFiles.Pem(
                    folder.resolve("chain.pem"), folder.resolve("key.pem"), Optional.empty()),
                new StaplingSettings.Off())),
        TlsSettings.DEFAULT,
        TicketSettings.DEFAULT,
        Map.of(
            "tiny",
            new BackendSettings(
                "tiny", BackendProfile.PLAIN, backends, List.of(), Optional.empty())),
        new PolicySettings(Optional.empty(), policy),
        new Terms(
            "mail.example.org", Optional.empty(), DeepStatus.NONE, limits, TraceSettings.DEFAULT),
        ManagementSettings.DEFAULT,
        new AuditSettings.Off());
  }

  private void accept() {
    try {
      while (true) {
        backendConnections.add(backend.accept());
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  /** Takes the next connection that the proxy makes. */
  Socket backendConnection() throws InterruptedException {
    Socket taken = backendConnections.poll(20, TimeUnit.SECONDS);
    Assertions.assertThat(taken).as("a connection at the backend").isNotNull();
    opened.add(taken);
    return taken;
  }

  Socket connect(String listener) throws IOException {
    InetSocketAddress at = server.addresses().get(listener);
    Socket socket = new Socket(at.getAddress(), at.getPort());
    socket.setSoTimeout(30_000);
    opened.add(socket);
    return socket;
  }

  SSLSocket connectTls(X509Bundle trusted) throws Exception {
    return tls(connect("tinys"), trusted);
  }

  SSLSocket tls(Socket over, X509Bundle trusted) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trusted.toTrustManagerFactory().getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(over, "mail.example.org", over.getPort(), true);
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName("mail.example.org")));
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    opened.add(socket);
    return socket;
  }

  static void say(Socket to, String words) throws IOException {
    to.getOutputStream().write(words.getBytes(UTF_8));
    to.getOutputStream().flush();
  }

  /** Reads a line octet by octet, so that nothing behind it is taken; null at the end. */
  static String line(Socket from) throws IOException {
    StringBuilder out = new StringBuilder();
    for (int c = from.getInputStream().read(); c != -1; c = from.getInputStream().read()) {
      if (c == '\n') {
        return out.substring(0, out.length() - 1);
      }
      out.append((char) c);
    }
    return out.isEmpty() ? null : "unfinished: " + out;
  }

  /** Reads to the end, CRLF as line feed. */
  static String rest(Socket from) throws IOException {
    return new String(from.getInputStream().readAllBytes(), UTF_8).replace("\r\n", "\n");
  }

  /** Waits for an event. */
  <T extends SessionEvent> T event(Class<T> type, Predicate<T> which) {
    org.awaitility.Awaitility.await().until(() -> find(type, which).isPresent());
    return find(type, which).orElseThrow();
  }

  <T extends SessionEvent> Optional<T> find(Class<T> type, Predicate<T> which) {
    return events.stream()
        .map(Heard::event)
        .filter(type::isInstance)
        .map(type::cast)
        .filter(which)
        .findFirst();
  }

  void stop() throws InterruptedException {
    stopped = true;
    server.shutDown();
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : opened) {
      socket.close();
    }
    backend.close();
    if (!stopped) {
      try {
        stop();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while stopping", e);
      }
    }
  }
}
