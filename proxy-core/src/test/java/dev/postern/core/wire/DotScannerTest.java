package dev.postern.core.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DotScannerTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        ".\r\n",
        "\r\n.\r\n",
        "Subject: x\r\n\r\nhello, wörld\r\n..stuffed\r\n.x\r\nlong line of text that takes more than one word\r\n.\r\n",
        "\t\b\u0001control\u000b\r\n.\r\n",
        "..\r\n.\r\n"
      })
  void endsAtCrlfDotCrlfAndNowhereElse(String body) {
    String behind = "QUIT\r\n";
    for (int i = 0; i <= body.length(); i++) {
      assertThat(scan(body.substring(0, i), body.substring(i) + behind))
          .as("split at %d", i)
          .isEqualTo("done " + body.length());
    }
    assertThat(scan((body + behind).split(""))).isEqualTo("done " + body.length());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\n.\n",
        "a\n.\r\n",
        "a\r\n.\n",
        "a\r\n.\rb",
        "a\r.\r\n",
        "a\r\r\n.\r\n",
        "a\r\n.\r\r\n",
        "\n",
        "\r.\r\n",
        "twenty plain octets.\nx",
        "a\r\n.\0\r\n",
        "\0",
        "..\n"
      })
  void refusesEveryOtherEndAtEverySplit(String body) {
    String whole = scan(body);
    assertThat(whole).matches("(BARE_CR|BARE_LF|NUL) \\d+");
    for (int i = 0; i <= body.length(); i++) {
      assertThat(scan(body.substring(0, i), body.substring(i)))
          .as("split at %d", i)
          .isEqualTo(whole);
    }
  }

  @Test
  void agreesWithTheDefinitionOnRandomInput() {
    Random random = new Random(7);
    String alphabet = "\r\n.a\0\té0";
    for (int n = 0; n < 20_000; n++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(40);
      for (int i = 0; i < length; i++) {
        text.append(
            random.nextInt(4) == 0
                ? alphabet.charAt(random.nextInt(alphabet.length()))
                : random.nextBoolean() ? "\r\n" : "plain");
      }
      int split = random.nextInt(text.length() + 1);
      assertThat(scan(text.substring(0, split), text.substring(split)))
          .isEqualTo(byDefinition(text.toString()));
    }
  }

  /** The rules of a body once more, in the slowest and plainest way. */
  private static String byDefinition(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\r' && i + 1 == text.length()) {
        break;
      }
      if (c == 0) {
        return "NUL " + i;
      }
      if (c == '\r' && text.charAt(i + 1) != '\n') {
        return "BARE_CR " + (i + 1);
      }
      if (c == '\n' && (i == 0 || text.charAt(i - 1) != '\r')) {
        return "BARE_LF " + i;
      }
      if (c == '\n' && ("\r\n" + text.substring(0, i + 1)).endsWith("\r\n.\r\n")) {
        return "done " + (i + 1);
      }
    }
    return "more " + text.length();
  }

  private static String scan(String... pieces) {
    DotScanner scanner = new DotScanner();
    long passed = 0;
    for (String piece : pieces) {
      ByteBuf in = Unpooled.directBuffer().writeBytes(piece.getBytes(ISO_8859_1));
      int n = scanner.scan(in);
      passed += n;
      assertThat(in.readerIndex()).isZero();
      in.release();
      if (scanner.isDone()) {
        return "done " + passed;
      }
      WireViolation violation = scanner.violation();
      if (violation != null) {
        return violation.name() + " " + passed;
      }
      assertThat(n).isEqualTo(piece.length());
    }
    return "more " + passed;
  }
}
