package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.config.Configuration;
import dev.postern.core.config.ConfigurationReader;
import dev.postern.core.config.ReadResult;
import dev.postern.core.event.AuditDestination;
import dev.postern.core.event.AuditSink;
import dev.postern.core.event.AuditWriter;
import dev.postern.core.event.EventSink;
import dev.postern.core.event.LogSink;
import dev.postern.core.event.SessionContext;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.server.PosternServer;
import dev.postern.core.server.Protocols;
import dev.postern.core.server.StartException;
import dev.postern.deploy.backend.MailBackends;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Postern in this JVM, with its six services on free ports, configured by YAML as an operator
 * would. Hears all events, and keeps the audit log as a file.
 */
final class Gate implements AutoCloseable {
  /** An event and whom it is about. */
  record Heard(SessionContext context, SessionEvent event) {}

  private final Path folder;
  private final Protocols protocols = Protocols.load();
  private final List<Heard> events = new CopyOnWriteArrayList<>();
  private final String yaml;
  private volatile X509Bundle certificate;
  private final AuditWriter audit;
  private final PosternServer server;

  private Gate(Path folder, String yaml) throws Exception {
    this(folder, yaml, UnaryOperator.identity());
  }

  private Gate(Path folder, String yaml, UnaryOperator<Configuration> change) throws Exception {
    this.folder = folder;
    this.yaml = yaml;
    this.certificate = writeCertificate();
    this.audit =
        AuditWriter.start(new AuditDestination.ToFile(auditFile()), InstantSource.system(), 10_000);
    this.server =
        PosternServer.start(
            change.apply(read(yaml)),
            protocols,
            EventSink.all(
                List.of(
                    new AuditSink(audit),
                    new LogSink(),
                    (context, event) -> events.add(new Heard(context, event)))),
            file -> {
              throw new IllegalArgumentException("no directory in this test");
            });
  }

  /** Opens a gate in front of real servers. */
  static Gate before(MailBackends backends, Path folder) throws Exception {
    return before(backends, folder, "");
  }

  /**
   * Opens a gate in front of real servers.
   *
   * @param more sections of the configuration besides hostname, listeners, certificates and
   *     backends
   */
  static Gate before(MailBackends backends, Path folder, String more) throws Exception {
    return before(
        backends.dovecotProfile(),
        backends.imap(),
        backends.pop3(),
        backends.postfixProfile(),
        backends.submission(),
        folder,
        more);
  }

  /**
   * Opens a gate in front of real servers, with listeners and certificates of the test's own.
   *
   * @param folder holds the files that the configuration names
   * @param yaml everything but hostname and backends
   */
  static Gate configured(MailBackends backends, Path folder, String yaml) throws Exception {
    return configured(backends, folder, "capabilities: []", yaml);
  }

  /**
   * Opens a gate in front of real servers, with listeners and certificates of the test's own.
   *
   * @param folder holds the files that the configuration names
   * @param access one more key of the backends of IMAP and POP3
   * @param yaml everything but hostname and backends
   */
  static Gate configured(MailBackends backends, Path folder, String access, String yaml)
      throws Exception {
    return new Gate(
            folder,
            """
            hostname: mail.example.org
            backends:
              imap: { profile: %1$s, addresses: ["127.0.0.1:%2$d"], %6$s }
              pop3: { profile: %1$s, addresses: ["127.0.0.1:%3$d"], %6$s }
              submission: { profile: %4$s, addresses: ["127.0.0.1:%5$d"] }
            """
                    .formatted(
                        backends.dovecotProfile(),
                        backends.imap().getPort(),
                        backends.pop3().getPort(),
                        backends.postfixProfile(),
                        backends.submission().getPort(),
                        access)
                + yaml)
        .knowingItsBackends();
  }

  /**
   * Opens a gate for submission alone, by both services.
   *
   * @param profile of the backend
   * @param change what no key of the configuration can say
   */
  static Gate submission(
      String profile,
      InetSocketAddress backend,
      Path folder,
      String more,
      UnaryOperator<Configuration> change)
      throws Exception {
    return new Gate(
            folder,
            """
            hostname: mail.example.org
            listeners:
              - { service: submissions, address: "127.0.0.1:0" }
              - { service: submission, address: "127.0.0.1:0" }
            certificates:
              - { name: main, chain: chain.pem, key: key.pem }
            backends:
              submission: { profile: %s, addresses: ["127.0.0.1:%d"] }
            %s
            """
                .formatted(profile, backend.getPort(), more),
            change)
        .knowingItsBackends();
  }

  private Gate knowingItsBackends() {
    Awaitility.await("backends asked what they offer")
        .atMost(Duration.ofSeconds(30))
        .until(() -> server.backends().values().stream().allMatch(b -> b.offer().learned()));
    return this;
  }

  /** Opens a gate in front of servers of the given kinds. */
  static Gate before(
      String accessProfile,
      InetSocketAddress imap,
      InetSocketAddress pop3,
      String submissionProfile,
      InetSocketAddress submission,
      Path folder,
      String more)
      throws Exception {
    return new Gate(
            folder,
            """
            hostname: mail.example.org
            listeners:
              - { service: imaps, address: "127.0.0.1:0" }
              - { service: imap, address: "127.0.0.1:0" }
              - { service: pop3s, address: "127.0.0.1:0" }
              - { service: pop3, address: "127.0.0.1:0" }
              - { service: submissions, address: "127.0.0.1:0" }
              - { service: submission, address: "127.0.0.1:0" }
            certificates:
              - { name: main, chain: chain.pem, key: key.pem }
            backends:
              imap: { profile: %s, addresses: ["127.0.0.1:%d"] }
              pop3: { profile: %s, addresses: ["127.0.0.1:%d"] }
              submission: { profile: %s, addresses: ["127.0.0.1:%d"] }
            %s
            """
                .formatted(
                    accessProfile,
                    imap.getPort(),
                    accessProfile,
                    pop3.getPort(),
                    submissionProfile,
                    submission.getPort(),
                    more))
        .knowingItsBackends();
  }

  private X509Bundle writeCertificate() throws Exception {
    X509Bundle made =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=localhost")
            .addSanDnsName("localhost")
            .addSanDnsName("mail.example.org")
            .addSanIpAddress("127.0.0.1")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    Files.writeString(folder.resolve("chain.pem"), made.getCertificatePathPEM());
    Files.writeString(folder.resolve("key.pem"), made.getPrivateKeyPEM());
    return made;
  }

  private Configuration read(String yaml) {
    return switch (new ConfigurationReader(protocols.infos()).read(yaml, folder)) {
      case ReadResult.Valid valid -> valid.configuration();
      case ReadResult.Invalid invalid ->
          throw new IllegalArgumentException(invalid.problems().toString());
    };
  }

  PosternServer server() {
    return server;
  }

  int port(String service) {
    InetSocketAddress address = server.addresses().get(service);
    if (address == null) {
      throw new IllegalArgumentException("no listener " + service);
    }
    return address.getPort();
  }

  /** The certificate that clients should trust, in this JVM. */
  X509Bundle certificate() {
    return certificate;
  }

  /** The certificate that clients should trust, for {@code curl --cacert}. */
  Path certificateFile() {
    return folder.resolve("chain.pem");
  }

  Path auditFile() {
    return folder.resolve("audit.jsonl");
  }

  /** The audit log so far; all of it once the gate is closed. */
  String audit() {
    try {
      return Files.readString(auditFile(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<Heard> events() {
    return List.copyOf(events);
  }

  <T extends SessionEvent> Optional<T> find(Class<T> type, Predicate<T> which) {
    return all(type).filter(which).findFirst();
  }

  /** All events of a kind, in order. */
  <T extends SessionEvent> Stream<T> all(Class<T> type) {
    return events.stream().map(Heard::event).filter(type::isInstance).map(type::cast);
  }

  /** Returns how many events there have been, for {@link #awaitSince}. */
  int mark() {
    return events.size();
  }

  /** Waits for an event behind a mark. */
  <T extends SessionEvent> T awaitSince(int mark, Class<T> type, Predicate<T> which) {
    return Awaitility.await(type.getSimpleName())
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                events.stream()
                    .skip(mark)
                    .map(Heard::event)
                    .filter(type::isInstance)
                    .map(type::cast)
                    .filter(which)
                    .findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  /** Waits for an event. */
  <T extends SessionEvent> T await(Class<T> type, Predicate<T> which) {
    Awaitility.await(type.getSimpleName())
        .atMost(Duration.ofSeconds(30))
        .until(() -> find(type, which).isPresent());
    return find(type, which).orElseThrow();
  }

  void reload(String yaml) throws StartException {
    server.reload(read(yaml));
  }

  /** Puts another certificate in force: who connects from now on trusts it, and it alone. */
  void renewCertificate() throws Exception {
    X509Bundle renewed = writeCertificate();
    reload(yaml);
    certificate = renewed;
  }

  @Override
  public void close() throws IOException {
    try {
      server.shutDown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while stopping", e);
    } finally {
      audit.close();
    }
  }
}
