package dev.postern.core.tls.ocsp;

import static dev.postern.core.tls.ocsp.OcspAuthority.LIFE;
import static dev.postern.core.tls.ocsp.OcspAuthority.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.KeyMaterial;
import dev.postern.core.tls.Staple;
import io.netty.pkitesting.X509Bundle;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StaplingTest {
  private static final URI RESPONDER = URI.create("http://ocsp.example.org/");
  private final ManualTime time = new ManualTime(NOW);
  private final List<CompletableFuture<byte[]>> asked = new ArrayList<>();
  private final CountDownLatch begun = new CountDownLatch(1);
  private final Stapling stapling =
      new Stapling(
          (at, request) -> {
            CompletableFuture<byte[]> answer = new CompletableFuture<>();
            asked.add(answer);
            begun.countDown();
            return answer;
          },
          time,
          time,
          () -> 0L,
          () -> {});
  private OcspAuthority authority;
  private X509Bundle leaf;

  @BeforeEach
  void issue() throws Exception {
    authority = new OcspAuthority("authority");
    leaf = authority.issue(RESPONDER, false);
  }

  @Test
  void aReloadKeepsTheResponsesOfCertificatesThatStay() throws Exception {
    Staple before = fetched("main", material(leaf));
    stapling.takeIntoUse();
    byte[] response = authority.good(leaf);
    asked.get(0).complete(response);
    Staple after = fetched("main", material(leaf));
    stapling.takeIntoUse();
    assertThat(after).isSameAs(before);
    assertThat(after.current()).contains(response);
    assertThat(asked).hasSize(1);
    time.pass(LIFE.dividedBy(2));
    assertThat(asked).hasSize(2);
  }

  @Test
  void aRenewedCertificateGetsAResponseOfItsOwnAndTheOldOneIsNotAskedForAgain() throws Exception {
    fetched("main", material(leaf));
    stapling.takeIntoUse();
    asked.get(0).completeExceptionally(new OcspUnreachable("is away"));
    X509Bundle renewed = authority.issue(RESPONDER, false);
    Staple staple = fetched("main", material(renewed));
    stapling.takeIntoUse();
    assertThat(asked).hasSize(2);
    byte[] response = authority.good(renewed);
    asked.get(1).complete(response);
    assertThat(staple.current()).contains(response);
    time.pass(LIFE.dividedBy(2).minusSeconds(1));
    assertThat(asked).hasSize(2);
    assertThat(stapling.status())
        .hasEntrySatisfying("main", s -> assertThat(s.failures()).isEqualTo(1))
        .hasSize(1);
  }

  @Test
  void aConfigurationThatIsRefusedLeavesNothingBehind() throws Exception {
    fetched("main", material(leaf));
    stapling.takeIntoUse();
    asked.get(0).complete(authority.good(leaf));
    fetched("main", material(leaf));
    fetched("other", material(authority.issue(RESPONDER, false)));
    stapling.giveUp();
    asked.get(1).completeExceptionally(new OcspUnreachable("is away"));
    assertThat(stapling.status()).containsOnlyKeys("main");
    time.pass(LIFE.dividedBy(2));
    assertThat(asked).as("the one in force goes on, the other does not").hasSize(3);
  }

  @Test
  void nothingIsStapledWithoutIssuerOrResponder() throws Exception {
    KeyMaterial alone =
        new KeyMaterial(List.of(leaf.getCertificate()), leaf.getKeyPair().getPrivate());
    assertThat(fetched("main", alone).current()).isEmpty();
    X509Bundle silent = authority.plain(NOW.plus(LIFE));
    assertThat(fetched("silent", material(silent)).current()).isEmpty();
    stapling.takeIntoUse();
    assertThat(asked).isEmpty();
  }

  @Test
  void tellsWhyNothingIsStapledThatWasAskedFor() throws Exception {
    KeyMaterial alone =
        new KeyMaterial(List.of(leaf.getCertificate()), leaf.getKeyPair().getPrivate());
    fetched("main", alone);
    fetched("silent", material(authority.plain(NOW.plus(LIFE))));
    stapling.takeIntoUse();
    assertThat(stapling.status()).containsOnlyKeys("main", "silent");
    assertThat(stapling.status().get("main"))
        .isEqualTo(
            new StapleStatus(Optional.empty(), 0, Stapling.doubt(alone, true).orElseThrow()));
    assertThat(stapling.status().get("silent").detail()).contains("names no responder");
  }

  @Test
  void staplesOnceTheIssuerWasAddedToTheFile() throws Exception {
    KeyMaterial alone =
        new KeyMaterial(List.of(leaf.getCertificate()), leaf.getKeyPair().getPrivate());
    fetched("main", alone);
    stapling.takeIntoUse();
    Staple refused = fetched("main", material(leaf));
    stapling.giveUp();
    asked.get(0).complete(authority.good(leaf));
    assertThat(stapling.status().get("main").until()).as("still without").isEmpty();
    assertThat(time.untilNext()).as("nothing is left of what was given up").isNegative();
    Staple staple = fetched("main", material(leaf));
    stapling.takeIntoUse();
    assertThat(staple).isNotSameAs(refused);
    byte[] response = authority.good(leaf);
    asked.get(1).complete(response);
    assertThat(staple.current()).contains(response);
    assertThat(stapling.status().get("main").until()).isPresent();
  }

  @Test
  void waitsForWhatMustBeStapled() throws Exception {
    X509Bundle strict = authority.issue(RESPONDER, true);
    Staple staple = fetched("strict", material(strict));
    CompletableFuture<Boolean> stapledWhenUsed =
        CompletableFuture.supplyAsync(
            () -> {
              stapling.awaitRequired();
              return staple.current().isPresent();
            });
    begun.await();
    assertThat(stapledWhenUsed).isNotDone();
    asked.get(0).complete(authority.good(strict));
    assertThat(stapledWhenUsed.join()).isTrue();
  }

  @Test
  void waitsForNothingElse() {
    fetched("main", material(leaf));
    stapling.awaitRequired();
    assertThat(asked.get(0)).isNotDone();
  }

  @Test
  void endsEverything() throws Exception {
    fetched("main", material(leaf));
    stapling.takeIntoUse();
    asked.get(0).complete(authority.good(leaf));
    stapling.close();
    assertThat(time.untilNext()).isNegative();
  }

  @Test
  void doubtsWhatCannotBeStapled() throws Exception {
    KeyMaterial alone =
        new KeyMaterial(List.of(leaf.getCertificate()), leaf.getKeyPair().getPrivate());
    assertThat(Stapling.doubt(material(leaf), true)).isEmpty();
    assertThat(Stapling.doubt(alone, true))
        .hasValueSatisfying(message -> assertThat(message).contains("add it"));
    X509Bundle silent = authority.plain(NOW.plus(LIFE));
    assertThat(Stapling.doubt(material(silent), false)).isEmpty();
    assertThat(Stapling.doubt(material(silent), true))
        .hasValueSatisfying(message -> assertThat(message).contains("no responder"));
  }

  private Staple fetched(String name, KeyMaterial material) {
    return stapling.of(name, material, Optional.empty());
  }

  private KeyMaterial material(X509Bundle certificate) {
    return new KeyMaterial(
        List.of(certificate.getCertificate(), authority.bundle.getCertificate()),
        certificate.getKeyPair().getPrivate());
  }
}
