package dev.postern.imap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("DEEP-7.1b")
class ClientIdTest {

  private static ClientId parse(String argument) {
    return ClientId.parse(new Cursor(argument.getBytes(UTF_8)));
  }

  private static String forwarded(String argument) {
    StringBuilder list = new StringBuilder("(");
    parse(argument).forwardTo(list);
    return list.append(')').toString();
  }

  @Test
  void readsLatchesAndTags() {
    assertThat(
            parse(
                    "(\"Name\" \"Mua\" \"latch\" \"tls12\" \"latch-fail\" \"tls-cert\" \"security-tags\" NIL)")
                .fields())
        .containsOnly(
            java.util.Map.entry("name", "Mua"),
            java.util.Map.entry("latch", "tls12"),
            java.util.Map.entry("latch-fail", "tls-cert"));
    assertThat(parse("nil")).isEqualTo(ClientId.NONE);
    assertThat(parse("()")).isEqualTo(ClientId.NONE);
  }

  @Test
  void showsOnlyPrintableText() {
    assertThat(parse("(\"os\" \"\u00e4\u0007x\")").fields()).containsEntry("os", "??x");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "x",
        "NIL x",
        "(",
        "(\"a\"",
        "(\"a\")",
        "(\"a\" \"b\"",
        "(\"a\" \"b\") x",
        "(\"a\"\"b\")",
        "(a b)",
        "(\"a\" {2}\r\nx)",
        "(\"a\" {3}\r\nx)",
        "(\"a\" {1}\nx)",
        "(\"a\" {1} {1}\r\nx)",
        "(\"a\" {1}",
        "(\"a\" {",
        "(\"0123456789012345678901234567890\" \"x\")",
        "(\"a\" \"b\"  \"c\" \"d\")",
        "(\"a\" \"\\b\")"
      })
  void refusesWhatRfc2971DoesNotAllow(String argument) {
    assertThat(parse(argument)).isNull();
  }

  @Test
  void refusesTooManyFieldsAndTooLongOnes() {
    assertThat(parse("(" + "\"a\" \"b\" ".repeat(29) + "\"a\" \"b\")")).isNotNull();
    assertThat(parse("(" + "\"a\" \"b\" ".repeat(30) + "\"a\" \"b\")")).isNull();
    assertThat(parse("(\"a\" \"" + "x".repeat(1024) + "\")")).isNotNull();
    assertThat(parse("(\"a\" \"" + "x".repeat(1025) + "\")")).isNull();
  }

  @Test
  void forwardsNothingThatABackendWouldBelieve() {
    assertThat(
            forwarded(
                "(\"X-Originating-IP\" \"1\" \"TLS\" \"none\" \"x-\" \"2\" \"name\" \"a\\\"b\")"))
        .isEqualTo("(\"name\" \"a\\\"b\")");
  }

  @Test
  void forwardsNoMoreThanALoginServiceReads() {
    String value = "x".repeat(1000);
    assertThat(forwarded("(\"a\" \"%s\" \"b\" \"%s\" \"c\" \"%s\")".formatted(value, value, value)))
        .contains("\"a\"", "\"b\"")
        .doesNotContain("\"c\"");
  }
}
