package dev.postern.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.postern.core.testkit.EventSamples;
import dev.postern.core.tls.TlsFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The operators' document and the code say the same. */
class AuditDocumentTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Path DOCUMENT = Path.of("..", "docs", "operators", "audit.md");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\|([^|]*)\\|[^|]+\\|$");
  private static final Pattern WORD = Pattern.compile("`([^`]+)`");
  private static final Set<String> COMMON =
      Set.of(
          "time",
          "event",
          "session",
          "service",
          "listener",
          "client",
          "client_port",
          "local",
          "local_port",
          "tls_mode");
  private static final Set<String> TLS =
      Set.of(
          "tls_version",
          "cipher_suite",
          "group",
          "sni",
          "alpn",
          "resumed",
          "certificate_subject",
          "certificate_sha256",
          "certificate_user");

  @Test
  void hasEveryKey() throws IOException {
    assertThat(rows("## Keys").keySet())
        .containsExactlyInAnyOrderElementsOf(Arrays.stream(Key.values()).map(Key::label).toList());
  }

  @Test
  void hasEveryEventWithItsOwnKeys() throws IOException {
    Map<String, Set<String>> written = new TreeMap<>();
    for (SessionEvent event : EventSamples.all("x")) {
      add(line(event, Optional.empty()), written);
      add(line(event, Optional.of(EventSamples.TLS)), written);
    }
    StringBuilder gap = new StringBuilder();
    AuditLine.appendGap(Instant.EPOCH, 1, gap);
    add(gap.toString(), written);

    assertThat(new TreeMap<>(rows("## Events"))).isEqualTo(written);
  }

  @Test
  void theKeysThatEveryEventHasAreThoseItNames() throws IOException {
    String prose = section("## Events").split("\n\\|", 2)[0];
    Set<String> named = words(prose);
    named.remove("audit-gap");
    assertThat(named)
        .containsExactlyInAnyOrderElementsOf(
            List.of(COMMON, TLS).stream().flatMap(Set::stream).toList());
    for (SessionEvent event : EventSamples.all("x")) {
      assertThat(names(line(event, Optional.of(EventSamples.TLS)))).containsAll(named);
    }
  }

  private static void add(String line, Map<String, Set<String>> events) throws IOException {
    Set<String> own = names(line);
    own.removeAll(COMMON);
    own.removeAll(TLS);
    events
        .computeIfAbsent(JSON.readTree(line).get("event").textValue(), e -> new LinkedHashSet<>())
        .addAll(own);
  }

  private static Set<String> names(String line) throws IOException {
    JsonNode node = JSON.readTree(line);
    Set<String> names = new LinkedHashSet<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static String line(SessionEvent event, Optional<TlsFacts> tls) {
    StringBuilder out = new StringBuilder();
    AuditLine.append(Instant.EPOCH, EventSamples.context(tls), event, out);
    return out.toString();
  }

  private static Map<String, Set<String>> rows(String heading) throws IOException {
    return ROW.matcher(section(heading))
        .results()
        .collect(Collectors.toMap(row -> row.group(1), row -> words(row.group(2))));
  }

  private static Set<String> words(String text) {
    return WORD.matcher(text)
        .results()
        .map((MatchResult m) -> m.group(1))
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  private static String section(String heading) throws IOException {
    String text = Files.readString(DOCUMENT);
    int start = text.indexOf(heading + "\n");
    assertThat(start).as(heading).isNotNegative();
    int end = text.indexOf("\n## ", start);
    return text.substring(start, end < 0 ? text.length() : end);
  }
}
