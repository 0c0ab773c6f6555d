package dev.postern.deploy.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.dockerjava.api.command.WaitContainerResultCallback;
import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.SELContext;
import com.github.dockerjava.api.model.Volume;
import dev.postern.core.config.Configuration;
import dev.postern.core.config.ConfigurationReader;
import dev.postern.core.config.ListenerSettings;
import dev.postern.core.config.ReadResult;
import dev.postern.core.server.Protocols;
import dev.postern.core.tls.CertificateFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/**
 * Postern's image, running with the configuration of {@code deploy/compose}: nothing of its root
 * file system can be written, no privilege can be had. Its certificate is mounted as Kubernetes
 * mounts a secret: files are links through a link, and that one is turned.
 */
final class PosternContainer implements Closeable {
  private static final Path ETC = Path.of("/etc/postern");
  private static final long MOST_SECONDS = 120;

  private final Path folder;
  private final Configuration configuration;
  private final CertificateFiles.Pem certificate;
  private final GenericContainer<?> container;
  private Authority authority;
  private int generation;

  private PosternContainer(String image, Network network, String more) throws Exception {
    this.folder = Files.createTempDirectory("postern-etc");
    // The image's user is somebody else.
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    String yaml =
        Files.readString(MailSystem.COMPOSE.resolve("postern/postern.yaml"), UTF_8) + more;
    Files.writeString(folder.resolve("postern.yaml"), yaml);
    this.configuration = read(yaml);
    this.certificate = (CertificateFiles.Pem) configuration.certificates().getFirst().files();
    this.authority = certify();
    Bind etc =
        new Bind(folder.toString(), new Volume(ETC.toString()), AccessMode.ro, SELContext.shared);
    this.container =
        new GenericContainer<>(DockerImageName.parse(image))
            .withNetwork(network)
            .withCommand("run", "--config", ETC.resolve("postern.yaml").toString())
            .withExposedPorts(ports())
            .withTmpFs(Map.of("/tmp", "rw"))
            .withCreateContainerCmdModifier(
                command -> {
                  HostConfig host = command.getHostConfig();
                  host.withReadonlyRootfs(true)
                      .withCapDrop(Capability.ALL)
                      .withSecurityOpts(List.of("no-new-privileges"))
                      .withBinds(etc);
                })
            .withImagePullPolicy(name -> false)
            .withStartupTimeout(Duration.ofSeconds(MOST_SECONDS))
            .waitingFor(
                Wait.forHttp("/ready")
                    .forPort(managementPort())
                    .forStatusCode(200)
                    .withStartupTimeout(Duration.ofSeconds(MOST_SECONDS)));
  }

  /**
   * Starts one; returns when it is ready.
   *
   * @param more sections that the configuration of {@code deploy/compose} does without
   */
  static PosternContainer start(String image, Network network, String more) throws Exception {
    PosternContainer postern = new PosternContainer(image, network, more);
    try {
      postern.container.start();
      return postern;
    } catch (RuntimeException e) {
      String said = postern.container.getContainerId() == null ? "" : postern.log();
      postern.close();
      throw new IllegalStateException("Postern did not come up:\n" + said, e);
    }
  }

  private static Configuration read(String yaml) {
    return switch (new ConfigurationReader(Protocols.load().infos()).read(yaml, ETC)) {
      case ReadResult.Valid valid -> valid.configuration();
      case ReadResult.Invalid invalid ->
          throw new IllegalArgumentException(invalid.problems().toString());
    };
  }

  private Integer[] ports() {
    return Stream.concat(
            configuration.listeners().stream().map(listener -> listener.address().getPort()),
            Stream.of(managementPort()))
        .toArray(Integer[]::new);
  }

  private int managementPort() {
    return configuration.management().address().orElseThrow().getPort();
  }

  private Path here(Path inContainer) {
    return folder.resolve(ETC.relativize(inContainer));
  }

  /** Puts another authority's certificate in the place of the present one, at a single stroke. */
  private Authority certify() throws Exception {
    Authority made = Authority.vouchingFor(configuration.hostname());
    Path tls = Files.createDirectories(here(certificate.chain()).getParent());
    String version = "..version-" + generation++;
    Path written = Files.createDirectory(tls.resolve(version));
    made.write(
        written.resolve(certificate.chain().getFileName()),
        written.resolve(certificate.key().getFileName()));
    Path turned = Files.createSymbolicLink(tls.resolve("..turned"), Path.of(version));
    Files.move(turned, tls.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    for (Path file : certificate.paths()) {
      Path link = tls.resolve(file.getFileName());
      if (!Files.isSymbolicLink(link)) {
        Files.createSymbolicLink(link, Path.of("..data").resolve(file.getFileName()));
      }
    }
    return made;
  }

  /** Mounts a certificate of another authority; returns that authority. */
  Authority renewCertificate() throws Exception {
    authority = certify();
    return authority;
  }

  /** Whom clients should trust. */
  Authority authority() {
    return authority;
  }

  String hostname() {
    return configuration.hostname();
  }

  /** Where clients reach the published ports. */
  String host() {
    return container.getHost();
  }

  /** The published port of a service. */
  int port(String service) {
    return configuration.listeners().stream()
        .filter(listener -> listener.service().equals(service))
        .map(ListenerSettings::address)
        .mapToInt(address -> container.getMappedPort(address.getPort()))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no listener for " + service));
  }

  /** The container's own address, from which the servers behind are connected. */
  String address() {
    return container
        .getContainerInfo()
        .getNetworkSettings()
        .getNetworks()
        .values()
        .iterator()
        .next()
        .getIpAddress();
  }

  /** Standard output, where the audit log goes, and standard error, where the log goes. */
  String log() {
    return container.getLogs();
  }

  /** Sends a signal to the container's first process, and to no other. */
  void signal(String name) {
    Engine.client().killContainerCmd(container.getContainerId()).withSignal(name).exec();
  }

  /** Waits for the end; returns the exit code. */
  int exitCode() {
    return Engine.client()
        .waitContainerCmd(container.getContainerId())
        .exec(new WaitContainerResultCallback())
        .awaitStatusCode(MOST_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    container.close();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
