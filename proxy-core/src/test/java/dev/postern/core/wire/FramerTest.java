package dev.postern.core.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FramerTest {
  private static final ByteBufAllocator ALLOC = UnpooledByteBufAllocator.DEFAULT;
  private static final int MAX = 32;

  @Test
  void deliversTheSameLinesAtEverySplit() {
    String text = "a NOOP\r\n\r\nb LOGIN x y\r\n";
    List<String> whole = List.of("a NOOP", "", "b LOGIN x y");
    for (int i = 0; i <= text.length(); i++) {
      for (int j = i; j <= text.length(); j++) {
        assertThat(lines(text.substring(0, i), text.substring(i, j), text.substring(j)))
            .as("%d %d", i, j)
            .isEqualTo(whole);
      }
    }
  }

  @Test
  void deliversTheSameLinesOctetByOctet() {
    assertThat(lines("a NOOP\r\nb\r\n".split(""))).containsExactly("a NOOP", "b");
  }

  @Test
  void refusesWhatIsNoLineAtEverySplit() {
    refuses("a\nb\r\n", WireViolation.BARE_LF);
    refuses("\n", WireViolation.BARE_LF);
    refuses("a\rb\r\n", WireViolation.BARE_CR);
    refuses("a\r\r\n", WireViolation.BARE_CR);
    refuses("a\0b\r\n", WireViolation.NUL);
    refuses("x".repeat(MAX - 1) + "\r\n", WireViolation.LINE_TOO_LONG);
    refuses("x".repeat(MAX), WireViolation.LINE_TOO_LONG);
  }

  private static void refuses(String text, WireViolation expected) {
    for (int i = 0; i <= text.length(); i++) {
      assertThat(lines(text.substring(0, i), text.substring(i)))
          .as("%s split at %d", text, i)
          .containsExactly(expected.name());
    }
  }

  @Test
  void aLineOfExactlyTheLimitIsTaken() {
    String line = "x".repeat(MAX - 2);
    assertThat(lines(line + "\r\n")).containsExactly(line);
  }

  @Test
  void looksAtNothingBehindTheLineAskedFor() {
    Framer framer = new Framer();
    framer.feed(ALLOC, buffer("a STARTTLS\r\n\0\r\r\n\n"));
    assertThat(framer.lineLength(MAX)).isEqualTo(10);
    framer.take(10);
    framer.skip(2);
    assertThat(framer.readable()).isEqualTo(5);
    assertThat(framer.violation()).isNull();
    framer.clear();
  }

  @Test
  void handsOverTheWholeBufferWithoutCopying() {
    Framer framer = new Framer();
    ByteBuf octets = buffer("0123456789");
    framer.feed(ALLOC, octets);
    assertThat(framer.takeRetained(10)).isSameAs(octets);
    assertThat(framer.readable()).isZero();
    octets.release();
  }

  private static List<String> lines(String... pieces) {
    Framer framer = new Framer();
    List<String> out = new ArrayList<>();
    for (String piece : pieces) {
      framer.feed(ALLOC, buffer(piece));
      int length;
      while ((length = framer.lineLength(MAX)) >= 0) {
        out.add(framer.take(length).toString(ISO_8859_1));
        framer.skip(2);
      }
      framer.tidy();
      WireViolation violation = framer.violation();
      if (violation != null) {
        out.add(violation.name());
        break;
      }
    }
    framer.clear();
    return out;
  }

  private static ByteBuf buffer(String text) {
    return ALLOC.buffer().writeBytes(text.getBytes(ISO_8859_1));
  }
}
