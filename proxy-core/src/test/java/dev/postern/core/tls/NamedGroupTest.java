package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NamedGroupTest {

  @ParameterizedTest
  @CsvSource({
    "X25519MLKEM768, X25519MLKEM768",
    "x25519mlkem768, X25519MLKEM768",
    "X25519, X25519",
    "x25519, X25519",
    "secp256r1, SECP256R1",
    "P-256, SECP256R1",
    "prime256v1, SECP256R1",
    "p-384, SECP384R1",
    "secp521r1, SECP521R1",
  })
  void findsAGroupByTheNamesThatPeopleUse(String name, NamedGroup group) {
    assertThat(NamedGroup.ofName(name)).contains(group);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "x448", "ffdhe2048", "SecP256r1MLKEM768", "secp256k1", "P256"})
  void knowsNoOther(String name) {
    assertThat(NamedGroup.ofName(name)).isEmpty();
  }
}
