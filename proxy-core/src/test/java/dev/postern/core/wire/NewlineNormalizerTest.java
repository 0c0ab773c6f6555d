package dev.postern.core.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NewlineNormalizerTest {
  private static final String END = "\r\n.\r\n";

  /** N is LF, R is CR; what follows the arrow is what the backend gets. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '>',
      value = {
        "aN.N                > aRN..RN",
        "aN.RN               > aRN..RN",
        "aRN.N               > aRN..RN",
        "aR.RbRN             > aRN..RNbRN",
        "aR.R.RN             > aRN..RN..RN",
        "aRN.Rb              > aRN..RNb",
        "aRN.RRN             > aRN..RNRN",
        "aR.RN               > aRN..RN",
        "aN.xNbRcRRdNNe      > aRN.xRNbRNcRNRNdRNRNe",
        "N                   > RN",
        "RN..RN              > RN..RN",
        ".N                  > ..RN",
        ".RNxxx              > .RN",
        "aRRN.RN             > aRNRN.RN",
        "aN.RN.RN            > aRN..RN.RN",
      })
  void makesCrlfOfAllAndAnEndOfNone(String sent, String passed) {
    String body = octets(sent);
    String expected = octets(passed);
    for (int i = 0; i <= body.length(); i++) {
      assertThat(new Run(body.substring(0, i), body.substring(i)).out)
          .as("split at %d", i)
          .isEqualTo(expected);
    }
    assertThat(new Run(body.split("")).out).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"\0", "a\r\n.\0\r\n", "a\n\0"})
  void refusesNul(String body) {
    for (int i = 0; i <= body.length(); i++) {
      Run run = new Run(body.substring(0, i), body.substring(i));
      assertThat(run.normalizer.violation()).isEqualTo(WireViolation.NUL);
      assertThat(run.taken).isEqualTo(body.indexOf(0));
    }
  }

  @Test
  void saysWhatItHasMended() {
    assertThat(new Run("a\r\nb\r\n.\r\n").normalizer.normalized()).isNull();
    assertThat(new Run("a\nb\r\r\n.\r\n").normalizer.normalized()).isEqualTo(WireViolation.BARE_LF);
    assertThat(new Run("a\rb\n.\r\n").normalizer.normalized()).isEqualTo(WireViolation.BARE_CR);
    assertThat(new Run(".\rb").normalizer.normalized()).isEqualTo(WireViolation.BARE_CR);
  }

  @Test
  void agreesWithTheDefinitionOnRandomInput() {
    Random random = new Random(11);
    String[] pieces = {"\r", "\n", ".", "\r\n", "a", "\r\n.", ".\r\n"};
    for (int n = 0; n < 20_000; n++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(20); i > 0; i--) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      // with the last octet, nothing is held back
      String sent = text.append('x').toString();
      int split = random.nextInt(sent.length() + 1);
      Run run = new Run(sent.substring(0, split), sent.substring(split));
      // the end is where the client wrote it, the line before counted
      int end = ("\r\n" + sent).indexOf(END);
      assertThat(run.normalizer.isDone()).as(sent).isEqualTo(end >= 0);
      assertThat(run.taken).as(sent).isEqualTo(end >= 0 ? end + 3 : sent.length());
      // even a strict server finds that end and no other, and nothing to object to
      ByteBuf out = Unpooled.copiedBuffer(run.out, ISO_8859_1);
      DotScanner scanner = new DotScanner();
      assertThat(scanner.scan(out)).as(sent).isEqualTo(out.readableBytes());
      assertThat(scanner.isDone()).as(sent).isEqualTo(end >= 0);
      assertThat(lines(run.out))
          .as(sent)
          .isEqualTo(lines(end >= 0 ? sent.substring(0, end + 3) : sent));
    }
  }

  /** The lines of a body, with whatever they end in; a stuffed dot for a line of one. */
  private static List<String> lines(String body) {
    return Arrays.stream(body.split("\r\n|\r|\n", -1)).map(l -> l.equals("..") ? "." : l).toList();
  }

  private static String octets(String text) {
    return text.replace('R', '\r').replace('N', '\n');
  }

  /** One body, in as many pieces as given. */
  private static final class Run {
    private final NewlineNormalizer normalizer = new NewlineNormalizer();
    private final String out;
    private int taken;

    Run(String... pieces) {
      ByteBuf passed = Unpooled.buffer();
      for (String piece : pieces) {
        ByteBuf in = Unpooled.copiedBuffer(piece, ISO_8859_1);
        if (normalizer.isDone() || normalizer.violation() != null) {
          break;
        }
        taken += normalizer.normalize(in, passed);
      }
      out = passed.toString(ISO_8859_1);
    }
  }
}
