package dev.postern.core.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MasterUserTest {
  private static final MasterUser MASTER =
      new MasterUser("postern", Secret.copyOf(new byte[] {'x'}));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postern",
        "POSTERN",
        "Postern@example.org",
        "postern@a@b",
        "alice*postern",
        "alice@example.org*Postern",
        "alice@example.org*postern@example.org",
        "*postern",
        "alice%postern",
        "alice+postern",
        "alice/postern"
      })
  void isMeantByItsNameAndByWhatEndsInIt(String identity) {
    assertThat(MASTER.isMeantBy(identity)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "@",
        "*",
        "alice",
        "poster",
        "imposter",
        "xpostern",
        "jane.postern",
        "jane-postern",
        "postern*alice",
        "posterns",
        "alice@postern"
      })
  void isNotMeantByOthers(String identity) {
    assertThat(MASTER.isMeantBy(identity)).isFalse();
  }
}
