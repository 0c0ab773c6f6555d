package dev.postern.core.config;

import dev.postern.core.tls.TlsVersion;
import java.util.List;
import java.util.Map;

/**
 * Refuses security tags that the TLS settings cannot keep. Clients latch them: a server that says
 * {@code tls13} and speaks only TLS 1.2 locks its own users out (DEEP-5.3, DEEP-5.4).
 */
final class DeepPromises {
  private static final Map<String, TlsVersion> VERSIONS =
      Map.of(
          "tls10", TlsVersion.TLS_1_0,
          "tls11", TlsVersion.TLS_1_1,
          "tls12", TlsVersion.TLS_1_2,
          "tls13", TlsVersion.TLS_1_3);

  private final TlsSettings tls;
  private final List<ListenerSettings> listeners;
  private final boolean certificates;
  private final Problems problems;

  DeepPromises(
      TlsSettings tls, List<ListenerSettings> listeners, boolean certificates, Problems problems) {
    this.tls = tls;
    this.listeners = listeners;
    this.certificates = certificates;
    this.problems = problems;
  }

  void check(List<String> tags, Tree where) {
    for (String tag : tags) {
      TlsVersion version = VERSIONS.get(tag);
      if (version != null) {
        refuseBelow(version, tag, where);
      }
      if ((version != null || tag.startsWith("tls-")) && !certificates) {
        problems.error(
            where,
            tag + " promises TLS, and there is no certificate",
            "add one under certificates");
      }
    }
  }

  // A client latches what one listener says, and may come to another.
  private void refuseBelow(TlsVersion version, String tag, Tree where) {
    String promise = tag + " promises TLS " + version.number() + " or newer, and ";
    if (tls.maximum().compareTo(version) < 0) {
      problems.error(
          where,
          promise + "tls.maximum is " + tls.maximum().number(),
          "raise tls.maximum, or remove the tag");
      return;
    }
    listeners.stream()
        .filter(listener -> listener.tls().maximum().compareTo(version) < 0)
        .findFirst()
        .ifPresent(
            listener ->
                problems.error(
                    where,
                    promise
                        + "the maximum of the listener "
                        + listener.name()
                        + " is "
                        + listener.tls().maximum().number(),
                    "raise it, or remove the tag"));
  }
}
