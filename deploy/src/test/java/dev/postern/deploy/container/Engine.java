package dev.postern.deploy.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.NotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.testcontainers.DockerClientFactory;

/** The container engine that Testcontainers finds: by {@code DOCKER_HOST} or at a usual socket. */
final class Engine {
  private static final Pattern LOADED = Pattern.compile("Loaded image(?: ID)?: (\\S+)");

  private Engine() {}

  /** Why no containers can run here, in words for whoever wonders why tests were skipped. */
  static Optional<String> obstacle() {
    try {
      client().pingCmd().exec();
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(
          "no container engine answers: "
              + e.getMessage()
              + "; start Docker, set DOCKER_HOST, or run `make test-containers`");
    }
  }

  static DockerClient client() {
    return DockerClientFactory.instance().client();
  }

  static boolean holds(String image) {
    try {
      client().inspectImageCmd(image).exec();
      return true;
    } catch (NotFoundException e) {
      return false;
    }
  }

  /**
   * Loads an archive with one image, as {@code docker load} does.
   *
   * @return the image's name
   */
  static String load(Path archive) {
    try (InputStream in = Files.newInputStream(archive)) {
      String answer = client().loadImageAsyncCmd(in).start().awaitMessage();
      Matcher loaded = LOADED.matcher(answer);
      if (!loaded.find()) {
        throw new IllegalStateException("the engine did not load " + archive + ": " + answer);
      }
      return loaded.group(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
