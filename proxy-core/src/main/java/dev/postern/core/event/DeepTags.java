package dev.postern.core.event;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * Counts the security tags that clients report (DEEP-7.1b, DEEP-7.3a): what they latch, and which
 * latches fail.
 */
final class DeepTags {
  // The registered ones (DEEP-5.2) and TLS 1.3; a client can send any word, so all others are one.
  private static final Set<String> KNOWN =
      Set.of("tls10", "tls12", "tls13", "tls-cert", "tls-dane-tlsa");
  private static final int MOST_TAGS = 16;

  private record Report(String service, String field, String tag) {}

  private final MeterRegistry registry;
  private final ConcurrentMap<Report, Counter> counters = new ConcurrentHashMap<>();

  DeepTags(MeterRegistry registry) {
    this.registry = registry;
  }

  void count(String service, Map<String, String> fields) {
    fields.forEach(
        (name, value) -> {
          String field = field(name);
          if (field != null) {
            count(service, field, value);
          }
        });
  }

  private void count(String service, String field, String value) {
    StringTokenizer tags = new StringTokenizer(value, " ");
    for (int i = 0; i < MOST_TAGS && tags.hasMoreTokens(); i++) {
      String tag = tags.nextToken();
      counters
          .computeIfAbsent(
              new Report(service, field, KNOWN.contains(tag) ? tag : TagValues.OTHER),
              this::counter)
          .increment();
    }
  }

  private Counter counter(Report report) {
    return Counter.builder("postern.deep.tags")
        .description("Security tags that clients reported")
        .tag("service", report.service())
        .tag("field", report.field())
        .tag("tag", report.tag())
        .register(registry);
  }

  /** The examples of DEEP call one field by two names. */
  private static @Nullable String field(String name) {
    if (name.equalsIgnoreCase("latch")) {
      return "latch";
    }
    if (name.equalsIgnoreCase("latch-fail") || name.equalsIgnoreCase("latch-failure")) {
      return "latch-fail";
    }
    return name.equalsIgnoreCase("security-tags") ? "security-tags" : null;
  }
}
