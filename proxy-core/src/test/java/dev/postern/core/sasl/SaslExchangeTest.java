package dev.postern.core.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SaslExchangeTest {

  @Test
  void plainTakesAnInitialResponse() {
    SaslStep step = SaslExchange.begin("plain", Optional.of(base64("\0alice\0sécret")));
    assertThat(step).isEqualTo(complete("PLAIN", "", "alice", "sécret"));
  }

  @Test
  void plainKeepsTheAuthorizationIdentity() {
    assertThat(SaslExchange.begin("PLAIN", Optional.of(base64("bob\0alice\0p"))))
        .isEqualTo(complete("PLAIN", "bob", "alice", "p"));
  }

  @Test
  void plainAsksWithAnEmptyChallenge() {
    SaslStep.Challenge asked = (SaslStep.Challenge) SaslExchange.begin("PLAIN", Optional.empty());
    assertThat(asked.challenge()).isEmpty();
    assertThat(asked.next().on(base64("\0a\0b"))).isEqualTo(complete("PLAIN", "", "a", "b"));
  }

  @Test
  void loginAsksForUserThenPassword() {
    SaslStep.Challenge user = (SaslStep.Challenge) SaslExchange.begin("LOGIN", Optional.empty());
    SaslStep.Challenge password = (SaslStep.Challenge) user.next().on(base64("alice"));
    assertThat(new String(Base64.getDecoder().decode(user.challenge()), UTF_8))
        .isEqualTo("Username:");
    assertThat(new String(Base64.getDecoder().decode(password.challenge()), UTF_8))
        .isEqualTo("Password:");
    assertThat(password.next().on(base64("secret")))
        .isEqualTo(complete("LOGIN", "", "alice", "secret"));
  }

  @Test
  void anAsteriskCancels() {
    SaslStep.Challenge asked = (SaslStep.Challenge) SaslExchange.begin("LOGIN", Optional.empty());
    assertThat(asked.next().on(Unpooled.copiedBuffer("*", UTF_8)))
        .isEqualTo(new SaslStep.Cancelled());
  }

  @Test
  void refusesWhatTheMechanismDoesNotAllow() {
    for (String bad :
        new String[] {"", "\0\0p", "\0a\0", "a", "\0a\0b\0c", "\0a\r\nX\0b", "x\ny\0a\0b"}) {
      assertThat(SaslExchange.begin("PLAIN", Optional.of(base64(bad))))
          .isEqualTo(new SaslStep.Malformed());
    }
    assertThat(
            SaslExchange.begin("PLAIN", Optional.of(Unpooled.copiedBuffer("not base64!", UTF_8))))
        .isEqualTo(new SaslStep.Malformed());
    assertThat(SaslExchange.begin("PLAIN", Optional.of(Unpooled.copiedBuffer("=", UTF_8))))
        .isEqualTo(new SaslStep.Malformed());
  }

  @Test
  void aPasswordIsNeverPrinted() {
    SaslStep step = SaslExchange.begin("PLAIN", Optional.of(base64("\0alice\0hunter2")));
    assertThat(step.toString()).doesNotContain("hunter2").contains("***");
  }

  private static ByteBuf base64(String text) {
    return Unpooled.copiedBuffer(Base64.getEncoder().encode(text.getBytes(UTF_8)));
  }

  private static SaslStep complete(
      String mechanism, String authorization, String user, String password) {
    return new SaslStep.Complete(
        new Credentials(mechanism, authorization, user, Secret.copyOf(password.getBytes(UTF_8))));
  }
}
