package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.cert.CertificateException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PemBlockTest {
  private static final String TWO =
      """
      Bag Attributes
          friendlyName: mail
      -----BEGIN CERTIFICATE-----
      AQID
      -----END CERTIFICATE-----
      between
      -----BEGIN PRIVATE KEY-----
      BAUG
      -----END PRIVATE KEY-----
      """;

  @Test
  void findsBlocksAndPassesOverTheRest() throws Exception {
    assertThat(PemBlock.of(TWO))
        .extracting(PemBlock::label)
        .containsExactly("CERTIFICATE", "PRIVATE KEY");
    assertThat(PemBlock.of(TWO).get(1).decoded()).containsExactly(4, 5, 6);
    assertThat(PemBlock.of("")).isEmpty();
    assertThat(PemBlock.of("nothing here")).isEmpty();
  }

  @Test
  void aTruncatedBlockIsNeverTakenForAWholeOne() throws Exception {
    int begin = TWO.indexOf("-----BEGIN CERT") + "-----BEGIN ".length();
    int end = TWO.indexOf("-----END CERTIFICATE-----") + "-----END CERTIFICATE-----".length();
    for (int i = begin; i < end; i++) {
      String cut = TWO.substring(0, i);
      assertThatThrownBy(() -> PemBlock.of(cut))
          .as("cut at %d", i)
          .isInstanceOf(CertificateException.class)
          .hasMessageContaining("ends within a PEM block");
    }
    assertThat(PemBlock.of(TWO.substring(0, end))).hasSize(1);
  }

  @Test
  void anyTextIsReadOrRefused() {
    Random random = new Random(42);
    String[] pieces = {"-----", "BEGIN ", "END ", "CERTIFICATE", "\n", "AQID", "é", " "};
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int j = random.nextInt(20); j > 0; j--) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      try {
        PemBlock.of(text.toString()).forEach(block -> assertThat(block.encoded()).isNotEmpty());
      } catch (CertificateException expected) {
        assertThat(expected).hasMessageContaining("PEM block");
      }
    }
  }

  @Test
  void neverShowsItsContent() throws Exception {
    assertThat(PemBlock.of(TWO).toString()).doesNotContain("BAUG");
  }
}
