package dev.postern.deploy.container;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.ImageFromDockerfile;

/**
 * Dovecot, Postfix and Postern on a network of their own. No port of Dovecot and Postfix is
 * published: all that a test knows of them it learns through Postern and from their logs.
 *
 * <p>The tests of a JVM share one instance: look for what is yours, and do to a Postern of your own
 * what others should not notice.
 */
final class MailSystem implements AutoCloseable {
  static final Path COMPOSE = Path.of("compose");

  /** Where the archive with Postern's image is. */
  private static final String ARCHIVE = "postern.image";

  private static final String DEFAULT_ARCHIVE = "target/postern-image.tar";

  private final Deque<Closeable> open = new ArrayDeque<>();
  private final String image;
  private final Network network;
  private final GenericContainer<?> dovecot;
  private final GenericContainer<?> postfix;
  private final PosternContainer postern;
  private final Account alice;
  private final Account bob;

  private MailSystem() throws Exception {
    Path users = COMPOSE.resolve("dovecot/users");
    this.alice = Account.in(users, "alice");
    this.bob = Account.in(users, "bob");
    try {
      this.image = Engine.load(archive());
      this.network = Network.newNetwork();
      open.push(network::close);
      String base = BaseImage.name();
      // Who is on this network is trusted: it is ours alone.
      String trusted = subnet(network);
      this.dovecot = started(server("dovecot", base, trusted), ".*Dovecot .* starting up.*");
      this.postfix = started(server("postfix", base, trusted), ".*daemon started.*");
      this.postern = PosternContainer.start(image, network, "");
      open.push(postern);
    } catch (Exception e) {
      try {
        close();
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** Starts everything; returns when it serves. */
  static MailSystem start() {
    try {
      return new MailSystem();
    } catch (RuntimeException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Why there is nothing to test, in words for whoever wonders why tests were skipped. */
  static Optional<String> obstacle() {
    return Files.exists(archive())
        ? Optional.empty()
        : Optional.of(
            "there is no image of Postern in "
                + archive().toAbsolutePath()
                + "; `make test-containers` builds it");
  }

  private static Path archive() {
    return Path.of(System.getProperty(ARCHIVE, DEFAULT_ARCHIVE));
  }

  private GenericContainer<?> server(String name, String base, String trusted) {
    ImageFromDockerfile built =
        new ImageFromDockerfile("localhost/postern-test-" + name, false)
            .withFileFromPath(".", COMPOSE.resolve(name))
            .withBuildArg("BASE", base);
    return new GenericContainer<>(built)
        .withNetwork(network)
        .withNetworkAliases(name)
        .withEnv("TRUSTED", trusted);
  }

  private GenericContainer<?> started(GenericContainer<?> container, String line) {
    open.push(container::close);
    container.waitingFor(Wait.forLogMessage(line, 1)).start();
    return container;
  }

  private static String subnet(Network network) {
    return Engine.client()
        .inspectNetworkCmd()
        .withNetworkId(network.getId())
        .exec()
        .getIpam()
        .getConfig()
        .getFirst()
        .getSubnet();
  }

  /** The Postern that all tests share. */
  PosternContainer postern() {
    return postern;
  }

  /** Starts one more Postern in front of the same servers, for the caller to close. */
  PosternContainer anotherPostern() throws Exception {
    return anotherPostern("");
  }

  /**
   * Starts one more Postern in front of the same servers, for the caller to close.
   *
   * @param more sections of its configuration
   */
  PosternContainer anotherPostern(String more) throws Exception {
    return PosternContainer.start(image, network, more);
  }

  Account alice() {
    return alice;
  }

  Account bob() {
    return bob;
  }

  /** All that Dovecot has logged so far. */
  String dovecotLog() {
    return dovecot.getLogs();
  }

  /** All that Postfix has logged so far. */
  String postfixLog() {
    return postfix.getLogs();
  }

  @Override
  public void close() throws IOException {
    while (!open.isEmpty()) {
      open.pop().close();
    }
  }
}
