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
  private final boolean certificates;
  private final Problems problems;

  DeepPromises(TlsSettings tls, boolean certificates, Problems problems) {
    this.tls = tls;
    this.certificates = certificates;
    this.problems = problems;
  }

  void check(List<String> tags, Tree where) {
    for (String tag : tags) {
      TlsVersion version = VERSIONS.get(tag);
      if (version != null && tls.maximum().compareTo(version) < 0) {
        problems.error(
            where,
            tag
                + " promises TLS "
                + version.number()
                + " or newer, and tls.maximum is "
                + tls.maximum().number(),
            "raise tls.maximum, or remove the tag");
      }
      if ((version != null || tag.startsWith("tls-")) && !certificates) {
        problems.error(
            where,
            tag + " promises TLS, and there is no certificate",
            "add one under certificates");
      }
    }
  }
}
