package dev.postern.core.sasl;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SaslExchangeTest {

  @Test
  void plainTakesAnInitialResponse() {
    SaslStep step = begin("plain", Optional.of(base64("\0alice\0sécret")));
    assertThat(step).isEqualTo(complete("PLAIN", "", "alice", "sécret"));
  }

  @Test
  void plainKeepsTheAuthorizationIdentity() {
    assertThat(begin("PLAIN", Optional.of(base64("bob\0alice\0p"))))
        .isEqualTo(complete("PLAIN", "bob", "alice", "p"));
  }

  @Test
  void plainAsksWithAnEmptyChallenge() {
    SaslStep.Challenge asked = (SaslStep.Challenge) begin("PLAIN", Optional.empty());
    assertThat(asked.challenge()).isEmpty();
    assertThat(asked.next().on(base64("\0a\0b"))).isEqualTo(complete("PLAIN", "", "a", "b"));
  }

  @Test
  void loginAsksForUserThenPassword() {
    SaslStep.Challenge user = (SaslStep.Challenge) begin("LOGIN", Optional.empty());
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
    SaslStep.Challenge asked = (SaslStep.Challenge) begin("LOGIN", Optional.empty());
    assertThat(asked.next().on(Unpooled.copiedBuffer("*", UTF_8)))
        .isEqualTo(new SaslStep.Cancelled());
  }

  @Test
  void refusesWhatTheMechanismDoesNotAllow() {
    for (String bad :
        new String[] {"", "\0\0p", "\0a\0", "a", "\0a\0b\0c", "\0a\r\nX\0b", "x\ny\0a\0b"}) {
      assertThat(begin("PLAIN", Optional.of(base64(bad)))).isEqualTo(new SaslStep.Malformed());
    }
    assertThat(begin("PLAIN", Optional.of(Unpooled.copiedBuffer("not base64!", UTF_8))))
        .isEqualTo(new SaslStep.Malformed());
    assertThat(begin("PLAIN", Optional.of(Unpooled.copiedBuffer("=", UTF_8))))
        .isEqualTo(new SaslStep.Malformed());
  }

  @Test
  @Tag("CCO-4.2b")
  void externalIsForTheIdentityOfTheCertificateAlone() {
    SaslStep complete = complete("EXTERNAL", "", "alice@example.org", "");
    assertThat(begin("external", Optional.of(base64("")))).isEqualTo(complete);
    assertThat(begin("EXTERNAL", Optional.of(Unpooled.copiedBuffer("=", UTF_8))))
        .isEqualTo(complete);
    assertThat(begin("EXTERNAL", Optional.of(base64("alice@example.org")))).isEqualTo(complete);
    for (String other :
        List.of("bob@example.org", "alice", "ALICE@example.org", "alice@example.org ")) {
      assertThat(begin("EXTERNAL", Optional.of(base64(other))))
          .isEqualTo(new SaslStep.Foreign(Credentials.external("alice@example.org")));
    }
  }

  @Test
  void externalAsksWithAnEmptyChallenge() {
    SaslStep.Challenge asked = (SaslStep.Challenge) begin("EXTERNAL", Optional.empty());
    assertThat(asked.challenge()).isEmpty();
    assertThat(asked.next().on(base64("")))
        .isEqualTo(complete("EXTERNAL", "", "alice@example.org", ""));
    assertThat(asked.next().on(Unpooled.copiedBuffer("*", UTF_8)))
        .isEqualTo(new SaslStep.Cancelled());
  }

  @Test
  void externalRefusesWhatIsNoName() {
    for (String bad : List.of("alice@example.org\0", "\0", "a\r\nb")) {
      assertThat(begin("EXTERNAL", Optional.of(base64(bad)))).isEqualTo(new SaslStep.Malformed());
    }
    assertThat(begin("EXTERNAL", Optional.of(Unpooled.copiedBuffer("alice@", UTF_8))))
        .isEqualTo(new SaslStep.Malformed());
    assertThat(begin("EXTERNAL", Optional.of(Unpooled.wrappedBuffer("/w==".getBytes(UTF_8)))))
        .isEqualTo(new SaslStep.Malformed());
  }

  @Test
  @Tag("CCO-4.2b")
  void thereIsNoExternalWithoutAnIdentity() {
    assertThat(SaslExchange.begin("EXTERNAL", Optional.empty(), Optional.of(base64("alice"))))
        .isEmpty();
    assertThat(SaslExchange.begin("GSSAPI", Optional.of("alice"), Optional.empty())).isEmpty();
  }

  @Test
  void theMasterUserActsForWhoHasNoPassword() {
    MasterUser master = new MasterUser("proxy", Secret.copyOf("s3cret".getBytes(UTF_8)));
    Credentials external = Credentials.external("alice");
    assertThat(external.forBackend(Optional.of(master)))
        .contains(new Credentials("PLAIN", "alice", "proxy", master.password()));
    assertThat(external.forBackend(Optional.empty())).isEmpty();
    Credentials own = new Credentials("PLAIN", "", "alice", Secret.copyOf(new byte[] {'p'}));
    assertThat(own.forBackend(Optional.of(master))).contains(own);
    assertThat(master.toString()).doesNotContain("s3cret");
  }

  @Test
  void neverFailsWhateverComes() {
    Random random = new Random(4422);
    for (int i = 0; i < 20_000; i++) {
      byte[] octets = new byte[random.nextInt(40)];
      random.nextBytes(octets);
      byte[] line = random.nextBoolean() ? octets : Base64.getEncoder().encode(octets);
      SaslStep step = begin("EXTERNAL", Optional.of(Unpooled.wrappedBuffer(line)));
      assertThat(step).isNotInstanceOf(SaslStep.Challenge.class);
      if (step instanceof SaslStep.Complete) {
        assertThat(octets.length == 0 || line.length == 1).isTrue();
      }
    }
  }

  @Test
  void aPasswordIsNeverPrinted() {
    SaslStep step = begin("PLAIN", Optional.of(base64("\0alice\0hunter2")));
    assertThat(step.toString()).doesNotContain("hunter2").contains("***");
  }

  private static SaslStep begin(String mechanism, Optional<ByteBuf> initialResponse) {
    return SaslExchange.begin(mechanism, Optional.of("alice@example.org"), initialResponse)
        .orElseThrow();
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
