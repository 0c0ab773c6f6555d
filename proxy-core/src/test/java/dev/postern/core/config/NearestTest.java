package dev.postern.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NearestTest {
  private static final List<String> NAMES = Shape.FILE.keys();

  @ParameterizedTest
  @CsvSource({
    "listners, listeners",
    "Listeners, listeners",
    "support_url, support-url",
    "supportUrl, support-url",
    "backend, backends",
    "hostnmae, hostname",
    "tsl, tls"
  })
  void findsWhatWasMeant(String word, String name) {
    assertThat(Nearest.to(word, NAMES)).contains(name);
  }

  @ParameterizedTest
  @CsvSource({"x", "workers", "servername", "''"})
  void guessesNothingFarFetched(String word) {
    assertThat(Nearest.to(word, NAMES)).isEmpty();
  }

  @Test
  void namesWhatIsPossibleWhenNothingIsNear() {
    assertThat(Nearest.suggestion("x", List.of("imap", "pop3"))).contains("one of: imap, pop3");
    assertThat(Nearest.suggestion("x", List.of())).isEmpty();
  }
}
