package dev.postern.deploy.container;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.ResponseItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.testcontainers.images.builder.ImageFromDockerfile;

/**
 * What Dovecot and Postfix are built on: the image that the system property {@code
 * postern.test.base-image} names. Without the property it is Debian's, and where no registry can be
 * reached, one bootstrapped from Debian's packages, which the engine keeps for the next time.
 */
final class BaseImage {
  static final String PROPERTY = "postern.test.base-image";

  private static final String DEBIAN = "docker.io/library/debian:12-slim";
  private static final String BOOTSTRAPPED = "localhost/postern-test-base:debian-12";
  private static final long PULL_MINUTES = 3;
  private static final long BOOTSTRAP_MINUTES = 15;
  private static final Logger log = LoggerFactory.getLogger(BaseImage.class);

  private BaseImage() {}

  /** Returns the name of an image that the engine holds. */
  static String name() throws IOException, InterruptedException {
    String named = System.getProperty(PROPERTY, "");
    if (!named.isEmpty()) {
      pull(named);
      return named;
    }
    if (Engine.holds(DEBIAN)) {
      return DEBIAN;
    }
    if (Engine.holds(BOOTSTRAPPED)) {
      return BOOTSTRAPPED;
    }
    try {
      pull(DEBIAN);
      return DEBIAN;
    } catch (IOException | DockerException unreachable) {
      log.warn("bootstrapping={} because=\"{}\"", BOOTSTRAPPED, unreachable.getMessage());
      bootstrap();
      return BOOTSTRAPPED;
    }
  }

  private static void pull(String image) throws IOException, InterruptedException {
    if (Engine.holds(image)) {
      return;
    }
    Pull pull = Engine.client().pullImageCmd(image).exec(new Pull());
    boolean ended = pull.awaitCompletion(PULL_MINUTES, TimeUnit.MINUTES);
    if (!ended || !Engine.holds(image)) {
      throw new IOException(
          "cannot pull %s (%s): name an image that can be, with -D%s"
              .formatted(image, ended ? pull.problem : "it takes too long", PROPERTY));
    }
  }

  /**
   * Hears what went wrong; the callback that comes with the client expects every engine's words to
   * be Docker's.
   */
  private static final class Pull extends ResultCallback.Adapter<PullResponseItem> {
    private volatile String problem = "the engine does not say why";

    @Override
    public void onNext(PullResponseItem item) {
      ResponseItem.ErrorDetail error = item.getErrorDetail();
      if (error != null && error.getMessage() != null) {
        problem = error.getMessage();
      }
    }
  }

  private static void bootstrap() throws IOException, InterruptedException {
    Path folder = Files.createDirectories(Path.of("target/containers"));
    Path root = folder.resolve("base.tar");
    Path log = folder.resolve("base.log");
    Process process =
        new ProcessBuilder("src/test/containers/base-image", root.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!process.waitFor(BOOTSTRAP_MINUTES, TimeUnit.MINUTES)) {
      process.destroy();
      throw new IOException("no base in " + BOOTSTRAP_MINUTES + " minutes, see " + log);
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          "no registry can be reached, nor a base be bootstrapped (see %s): name an image with -D%s"
              .formatted(log.toAbsolutePath(), PROPERTY));
    }
    try {
      new ImageFromDockerfile(BOOTSTRAPPED, false)
          .withFileFromPath("base.tar", root)
          .withDockerfileFromBuilder(
              builder -> builder.from("scratch").add("base.tar", "/").cmd("/bin/sh"))
          .get();
    } catch (RuntimeException e) {
      throw new IOException("the engine does not take " + root, e);
    } finally {
      Files.delete(root);
    }
  }
}
