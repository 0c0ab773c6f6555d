package dev.postern.deploy.process;

import dev.postern.core.server.PosternServer;
import dev.postern.core.upstream.Backend;
import dev.postern.deploy.management.Readiness;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What {@code /ready} tells. Ready while the listeners listen and the proxy is not on its way down.
 * A backend that is down, an expired certificate or revocation list and a refused configuration are
 * told, and change nothing: they are the same for every replica, and to take all of them out of
 * service would turn a part that is broken into a whole.
 */
final class Status implements Readiness {
  private final Reloads reloads;
  private final Certificates certificates;
  private final Staples staples;
  private final ClientAuthorities clients;
  private volatile @Nullable Serving serving;

  // The server's own answer may have to wait for a reload or a shutdown that is going on.
  private record Serving(PosternServer server, Map<String, Backend> backends) {}

  Status(Reloads reloads, Certificates certificates, Staples staples, ClientAuthorities clients) {
    this.reloads = reloads;
    this.certificates = certificates;
    this.staples = staples;
    this.clients = clients;
  }

  /** Takes what runs now, after the start and after each reload. */
  void serves(PosternServer server) {
    serving = new Serving(server, new TreeMap<>(server.backends()));
  }

  @Override
  public List<Check> checks() {
    Serving now = serving;
    List<Check> checks = new ArrayList<>();
    checks.add(now == null ? new Check("listeners", false, "starting") : listeners(now.server()));
    checks.add(new Check("configuration", true, reloads.detail()));
    checks.add(new Check("certificates", true, certificates.detail()));
    String stapled = staples.detail();
    if (!stapled.isEmpty()) {
      checks.add(new Check("stapling", true, stapled));
    }
    String accepted = clients.detail();
    if (!accepted.isEmpty()) {
      checks.add(new Check("client-certificates", true, accepted));
    }
    if (now != null) {
      checks.add(new Check("backends", true, backends(now.backends())));
    }
    return checks;
  }

  private static Check listeners(PosternServer server) {
    String connections = ", connections: " + server.connections();
    return server.isDraining()
        ? new Check("listeners", false, "draining" + connections)
        : new Check("listeners", true, "listening" + connections);
  }

  private static String backends(Map<String, Backend> backends) {
    return backends.entrySet().stream()
        .map(b -> b.getKey() + (b.getValue().isReachable() ? " reachable" : " unreachable"))
        .collect(Collectors.joining(", "));
  }
}
