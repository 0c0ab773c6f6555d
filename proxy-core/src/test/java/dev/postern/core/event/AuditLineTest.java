package dev.postern.core.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.postern.core.testkit.EventSamples;
import dev.postern.core.tls.TlsFacts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AuditLineTest {
  private static final Instant TIME = Instant.parse("2026-11-22T10:00:00.120Z");

  private static final JsonMapper STRICT =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  static Stream<String> hostileTexts() {
    return Stream.of(
        "",
        "plain",
        "\"},{\"event\":\"login-ended\"",
        "back\\slash\\",
        "line\r\nfeed\nand\tnul\0 and \u001b[31mescape\u007f\u009b",
        "separators \u2028 and \u2029 and \u0085",
        "right\u202eto\u2066left\ufeff",
        "half \ud800 pair \udc00 and \ud83d",
        "whole \ud83d\ude00 pair",
        "tag \udb40\udc41 characters",
        "{}${jndi:ldap://x}%n%s",
        "日本語",
        "a".repeat(5000),
        "a".repeat(1023) + "\ud83d\ude00\ud83d\ude00",
        "\ud83d".repeat(2000));
  }

  @ParameterizedTest
  @MethodSource("hostileTexts")
  void everyEventIsOneLineOfStrictJsonWhateverItHolds(String text) throws Exception {
    for (SessionEvent event : EventSamples.all(text)) {
      for (Optional<TlsFacts> tls :
          List.of(Optional.of(EventSamples.TLS), Optional.<TlsFacts>empty())) {
        String line = line(EventSamples.context(tls), event);
        assertThat(line).endsWith("}\n");
        String json = line.substring(0, line.length() - 1);
        assertThat(json.chars()).noneMatch(Character::isISOControl);
        assertThat(json.lines()).hasSize(1);
        assertThat(json).doesNotContain("\u2028", "\u2029", "\u202e");
        assertThat(new String(json.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
            .isEqualTo(json);
        assertThatCode(() -> STRICT.readTree(json)).as(json).doesNotThrowAnyException();
      }
    }
  }

  @Test
  void textsComeBackAsTheyWere() throws Exception {
    String user = "o'\"Neil\\\u0007@exämple.org \ud83d\ude00\u2028";
    assertThat(
            fields(new SessionEvent.LoginEnded(user, "PLAIN", LoginOutcome.SUCCESS))
                .get("user")
                .textValue())
        .isEqualTo(user);
  }

  @Test
  void halfASurrogatePairBecomesTheReplacementCharacter() throws Exception {
    assertThat(
            fields(new SessionEvent.LoginEnded("a\ud83dz", "PLAIN", LoginOutcome.SUCCESS))
                .get("user")
                .textValue())
        .isEqualTo("a\ufffdz");
  }

  @Test
  void longTextsAreCut() throws Exception {
    assertThat(
            fields(new SessionEvent.LoginEnded("a".repeat(9000), "PLAIN", LoginOutcome.REFUSED))
                .get("user")
                .textValue())
        .isEqualTo("a".repeat(JsonLine.LONGEST_TEXT) + "…");
  }

  @Test
  void writesTheFieldsOfAnEventInOrder() {
    assertThat(
            line(
                EventSamples.context(Optional.of(EventSamples.TLS)),
                new SessionEvent.LoginEnded("one@example.org", "PLAIN", LoginOutcome.SUCCESS)))
        .isEqualTo(
            """
            {"time":"2026-11-22T10:00:00.120Z","event":"login-ended",\
            "session":"01JD0000000000000000000000","service":"imaps","listener":"public",\
            "client":"192.0.2.7","client_port":40001,"local":"192.0.2.1","local_port":993,\
            "tls_mode":"implicit","tls_version":"TLSv1.3","cipher_suite":"TLS_AES_128_GCM_SHA256",\
            "group":"X25519MLKEM768","sni":"imap.example.org","alpn":"imap","resumed":false,\
            "certificate_subject":"CN=Alice,O=Example","certificate_sha256":\
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",\
            "certificate_user":"alice@example.org",\
            "user":"one@example.org","mechanism":"PLAIN","outcome":"success"}
            """);
  }

  @Test
  @Tag("DEEP-9.2b")
  void everyEventAfterTheHandshakeTellsItsTls() throws Exception {
    for (SessionEvent event : EventSamples.all("x")) {
      List<String> names = new ArrayList<>();
      JsonNode line =
          STRICT.readTree(line(EventSamples.context(Optional.of(EventSamples.TLS)), event));
      line.fieldNames().forEachRemaining(names::add);
      assertThat(names).contains("tls_version", "cipher_suite", "group", "sni", "resumed");
    }
  }

  @Test
  void theHandshakeItselfTellsItsTls() throws Exception {
    JsonNode line =
        STRICT.readTree(
            line(
                EventSamples.context(Optional.empty()),
                new SessionEvent.TlsEstablished(EventSamples.TLS)));
    assertThat(line.get("cipher_suite").textValue()).isEqualTo("TLS_AES_128_GCM_SHA256");
  }

  @Test
  void aCleartextLoginHasNoTlsVersion() throws Exception {
    JsonNode line =
        STRICT.readTree(
            line(
                EventSamples.context(Optional.empty()),
                new SessionEvent.LoginEnded("one", "LOGIN", LoginOutcome.SUCCESS)));
    assertThat(line.has("tls_version")).isFalse();
  }

  @Test
  void aGapIsALineOfItsOwn() {
    StringBuilder out = new StringBuilder();
    AuditLine.appendGap(TIME, 12, out);
    assertThat(out)
        .hasToString(
            "{\"time\":\"2026-11-22T10:00:00.120Z\",\"event\":\"audit-gap\",\"lost\":12}\n");
  }

  private static JsonNode fields(SessionEvent event) throws Exception {
    return STRICT.readTree(line(EventSamples.context(Optional.empty()), event));
  }

  private static String line(SessionContext context, SessionEvent event) {
    StringBuilder out = new StringBuilder();
    AuditLine.append(TIME, context, event, out);
    return out.toString();
  }
}
