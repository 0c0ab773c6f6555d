package dev.postern.core.tls.ocsp;

import static dev.postern.core.tls.ocsp.OcspAuthority.LIFE;
import static dev.postern.core.tls.ocsp.OcspAuthority.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.X509Bundle;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptStapleTest {
  private static final Duration HALF = LIFE.dividedBy(2);
  private static final URI RESPONDER = URI.create("http://ocsp.example.org/");
  private static OcspAuthority authority;
  private static X509Bundle leaf;

  private final ManualTime time = new ManualTime(NOW);
  private final List<CompletableFuture<byte[]>> asked = new ArrayList<>();

  @TempDir Path folder;

  @BeforeAll
  static void issue() throws Exception {
    authority = new OcspAuthority("authority");
    leaf = authority.issue(RESPONDER, false);
  }

  @Test
  void handsOutTheResponseOnceItIsThereAndNeverWaits() throws Exception {
    KeptStaple staple = fetched();
    assertThat(staple.current()).isEmpty();
    assertThat(staple.first().toCompletableFuture()).isNotDone();
    byte[] response = authority.good(leaf);
    answer(response);
    assertThat(staple.current()).contains(response);
    assertThat(staple.first().toCompletableFuture()).isCompleted();
    assertThat(staple.status().until()).contains(NOW.plus(LIFE));
  }

  @Test
  void asksAgainAtHalfOfTheResponsesLife() throws Exception {
    KeptStaple staple = fetched();
    answer(authority.good(leaf));
    time.pass(HALF.minusSeconds(1));
    assertThat(asked).hasSize(1);
    time.pass(Duration.ofSeconds(1));
    assertThat(asked).hasSize(2);
    byte[] fresh = authority.good(leaf.getCertificate(), time.instant(), LIFE);
    answer(fresh);
    assertThat(staple.current()).contains(fresh);
    time.pass(LIFE.minusSeconds(1));
    assertThat(staple.current()).contains(fresh);
  }

  @Test
  void asksAtHalfOfWhatIsLeftWhenHalfIsOver() throws Exception {
    fetched();
    answer(authority.good(leaf.getCertificate(), NOW.minus(Duration.ofDays(3)), LIFE));
    assertThat(time.untilNext()).isEqualTo(Duration.ofHours(12));
  }

  @Test
  void keepsWhatItHasWhileItIsGoodAndNotLonger() throws Exception {
    KeptStaple staple = fetched();
    byte[] response = authority.good(leaf);
    answer(response);
    time.pass(HALF);
    while (time.instant().isBefore(NOW.plus(LIFE).minus(Duration.ofHours(1)))) {
      asked.get(asked.size() - 1).completeExceptionally(new OcspUnreachable("is away"));
      assertThat(staple.current()).contains(response);
      time.pass(time.untilNext());
    }
    assertThat(staple.status().detail()).contains("stapled until", "is away");
    time.pass(Duration.between(time.instant(), NOW.plus(LIFE).minusMillis(1)));
    assertThat(staple.current()).contains(response);
    time.pass(Duration.ofMillis(1));
    assertThat(staple.current()).isEmpty();
    assertThat(staple.status().until()).isEmpty();
    assertThat(staple.status().detail()).contains("nothing stapled", "is away");
  }

  @Test
  void asksLessAndLessOftenAfterFailuresAndAsBeforeAfterSuccess() throws Exception {
    KeptStaple staple = fetched();
    List<Duration> pauses = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      fail("is away");
      pauses.add(time.untilNext());
      time.pass(time.untilNext());
    }
    assertThat(pauses)
        .startsWith(Duration.ofSeconds(60), Duration.ofSeconds(120), Duration.ofSeconds(240))
        .endsWith(Duration.ofHours(1), Duration.ofHours(1));
    assertThat(staple.status().failures()).isEqualTo(10);
    answer(authority.good(leaf.getCertificate(), time.instant(), LIFE));
    time.pass(HALF);
    fail("is away");
    assertThat(time.untilNext()).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void spreadsPausesSoThatReplicasDoNotAskAllAtOnce() {
    ResponderSource source =
        new ResponderSource(
            (at, request) -> new CompletableFuture<>(),
            RESPONDER,
            authority.subject(leaf),
            () -> -1L);
    assertThat(source.pauseAfter(1)).isBetween(Duration.ofSeconds(45), Duration.ofSeconds(46));
  }

  @Test
  void aFirstFailureIsAnAnswerToo() {
    KeptStaple staple = fetched();
    fail("is away");
    assertThat(staple.first().toCompletableFuture()).isCompleted();
    assertThat(staple.current()).isEmpty();
  }

  @Test
  void garbageIsAFailureAndTakesNothingAway() throws Exception {
    KeptStaple staple = fetched();
    byte[] response = authority.good(leaf);
    answer(response);
    time.pass(HALF);
    answer(new byte[] {1, 2, 3});
    assertThat(staple.current()).contains(response);
    assertThat(staple.status().failures()).isEqualTo(1);
    assertThat(time.untilNext()).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void revocationTakesTheResponseAwayAtOnce() throws Exception {
    KeptStaple staple = fetched();
    answer(authority.good(leaf));
    time.pass(HALF);
    answer(revoked(time.instant()));
    assertThat(staple.current()).isEmpty();
    assertThat(staple.status().detail()).contains("REVOKED");
    assertThat(time.untilNext()).isEqualTo(Duration.ofHours(1));
    time.pass(Duration.ofHours(1));
    byte[] again = authority.good(leaf.getCertificate(), time.instant(), LIFE);
    answer(again);
    assertThat(staple.current()).contains(again);
  }

  @Test
  void anOlderResponseDoesNotTakeThePlaceOfANewer() throws Exception {
    KeptStaple staple = fetched();
    byte[] response = authority.good(leaf);
    answer(response);
    time.pass(HALF);
    answer(authority.good(leaf.getCertificate(), NOW.minus(Duration.ofDays(1)), LIFE.plus(LIFE)));
    assertThat(staple.current()).contains(response);
    assertThat(staple.status().detail()).contains("older");
  }

  @Test
  void whatWasGoodBeforeTheRevocationDoesNotUndoIt() throws Exception {
    KeptStaple staple = fetched();
    byte[] before = authority.good(leaf);
    answer(before);
    time.pass(HALF);
    Instant at = time.instant();
    answer(revoked(at));
    for (byte[] replayed :
        List.of(
            before,
            authority.good(leaf.getCertificate(), at.minusSeconds(1), LIFE),
            authority.good(leaf.getCertificate(), at, LIFE))) {
      time.pass(time.untilNext());
      answer(replayed);
      assertThat(staple.current()).isEmpty();
      assertThat(staple.status().detail()).contains("nothing stapled", "older", "REVOKED");
    }
    time.pass(time.untilNext());
    answer(revoked(at));
    assertThat(staple.status().detail()).contains("REVOKED on");
  }

  @Test
  void aRevocationThatWasLiftedSinceDoesNotComeBack() throws Exception {
    KeptStaple staple = fetched();
    byte[] response = authority.good(leaf);
    answer(response);
    time.pass(HALF);
    answer(revoked(NOW.minusSeconds(1)));
    assertThat(staple.current()).contains(response);
    assertThat(staple.status().detail()).contains("older");
  }

  @Test
  void whatIsOlderIsRefusedAlsoAfterTheNewerHasEnded() throws Exception {
    KeptStaple staple = fetched();
    answer(authority.good(leaf));
    time.pass(LIFE);
    fail("is away");
    time.pass(time.untilNext());
    answer(authority.good(leaf.getCertificate(), NOW.minusSeconds(1), LIFE.plus(LIFE)));
    assertThat(staple.current()).isEmpty();
    assertThat(staple.status().detail()).contains("older");
  }

  @Test
  void goesOnAfterAResponderThatThrows() throws Exception {
    byte[] response = authority.good(leaf);
    AtomicInteger calls = new AtomicInteger();
    KeptStaple staple =
        kept(
            new ResponderSource(
                (at, request) -> {
                  if (calls.incrementAndGet() < 3) {
                    throw new IllegalStateException("no descriptors");
                  }
                  return CompletableFuture.completedFuture(response);
                },
                RESPONDER,
                authority.subject(leaf),
                () -> 0L));
    assertThat(staple.first().toCompletableFuture()).isCompleted();
    assertThat(staple.status().failures()).isEqualTo(1);
    assertThat(staple.status().detail()).contains("see the log");
    time.pass(time.untilNext());
    assertThat(staple.status().failures()).isEqualTo(2);
    time.pass(time.untilNext());
    assertThat(staple.current()).contains(response);
  }

  @Test
  void asksNoMoreOnceItIsStopped() throws Exception {
    KeptStaple staple = fetched();
    byte[] response = authority.good(leaf);
    answer(response);
    staple.stop();
    assertThat(time.untilNext()).isNegative();
    time.pass(HALF);
    assertThat(asked).hasSize(1);
    assertThat(staple.current()).contains(response);
  }

  @Test
  void nobodyWaitsForOneThatIsStopped() {
    KeptStaple staple = fetched();
    staple.stop();
    assertThat(staple.first().toCompletableFuture()).isCompleted();
  }

  @Test
  void anAnswerThatComesAfterTheStopSetsNoAlarm() throws Exception {
    KeptStaple staple = fetched();
    staple.stop();
    answer(authority.good(leaf));
    assertThat(time.untilNext()).isNegative();
  }

  @Test
  void readsAFileAgainWhenItHasChanged() throws Exception {
    Path file = folder.resolve("response.der");
    KeptStaple staple = kept(new FileSource(file));
    assertThat(staple.current()).isEmpty();
    assertThat(staple.status().detail()).contains("is not there");
    byte[] response = authority.good(leaf);
    Files.write(file, response);
    time.pass(Duration.ofSeconds(10));
    assertThat(staple.current()).contains(response);
    Files.write(file, new byte[70_000]);
    time.pass(Duration.ofMinutes(5));
    assertThat(staple.current()).contains(response);
    assertThat(staple.status().detail()).contains("more than 65536 octets");
    assertThat(staple.status().failures()).isEqualTo(2);
    byte[] fresh = authority.good(leaf.getCertificate(), time.instant(), LIFE);
    Files.write(file, fresh);
    time.pass(Duration.ofSeconds(10));
    assertThat(staple.current()).contains(fresh);
  }

  @Test
  void aFileThatNobodyRenewsIsUsedUntilItEnds() throws Exception {
    Path file = Files.write(folder.resolve("response.der"), authority.good(leaf));
    KeptStaple staple = kept(new FileSource(file));
    assertThat(staple.current()).isPresent();
    time.pass(LIFE);
    assertThat(staple.current()).isEmpty();
    time.pass(Duration.ofHours(1));
    assertThat(staple.status().failures()).isEqualTo(1);
    assertThat(staple.status().detail()).contains("was to be used until");
  }

  @Test
  void judgesAFileAgainThatWasRefusedForAWhile() throws Exception {
    byte[] early = authority.good(leaf.getCertificate(), NOW.plus(Duration.ofHours(1)), LIFE);
    Path file = Files.write(folder.resolve("response.der"), early);
    KeptStaple staple = kept(new FileSource(file));
    time.pass(Duration.ofMinutes(30));
    assertThat(staple.current()).isEmpty();
    assertThat(staple.status().detail()).contains("is the clock right");
    assertThat(staple.status().failures()).as("one, however often it is looked at").isEqualTo(1);
    time.pass(Duration.ofMinutes(30));
    assertThat(staple.current()).contains(early);
    assertThat(staple.status().detail())
        .isEqualTo("stapled until " + NOW.plusSeconds(3600).plus(LIFE));
  }

  @Test
  void readsAFileAgainThatCouldNotBeReadForAMoment() throws Exception {
    Path target = folder.resolve("response.der");
    Path file = Files.createSymbolicLink(folder.resolve("link"), target);
    Files.createDirectory(target);
    KeptStaple staple = kept(new FileSource(file));
    assertThat(staple.status().detail()).contains("cannot be read");
    Files.delete(target);
    byte[] response = Files.readAllBytes(Files.write(target, authority.good(leaf)));
    time.pass(Duration.ofSeconds(10));
    assertThat(staple.current()).contains(response);
  }

  @Test
  void saysOnceMoreThatAFileIsOfNoUseWhenTheLastResponseEnds() throws Exception {
    Path file = Files.write(folder.resolve("response.der"), authority.good(leaf));
    KeptStaple staple = kept(new FileSource(file));
    Files.write(file, new byte[] {1});
    time.pass(LIFE.minusSeconds(1));
    assertThat(staple.status().failures()).isEqualTo(1);
    time.pass(Duration.ofHours(1));
    assertThat(staple.status().failures()).isEqualTo(2);
    assertThat(staple.status().detail()).contains("nothing stapled", "no OCSP response");
  }

  private KeptStaple fetched() {
    return kept(
        new ResponderSource(
            (at, request) -> {
              CompletableFuture<byte[]> answer = new CompletableFuture<>();
              asked.add(answer);
              return answer;
            },
            RESPONDER,
            authority.subject(leaf),
            () -> 0L));
  }

  private KeptStaple kept(StapleSource source) {
    KeptStaple staple = new KeptStaple("main", authority.subject(leaf), source, time, time);
    staple.look();
    return staple;
  }

  private void answer(byte[] octets) {
    asked.get(asked.size() - 1).complete(octets);
  }

  private void fail(String reason) {
    asked.get(asked.size() - 1).completeExceptionally(new OcspUnreachable(reason));
  }

  private static byte[] revoked(Instant at) throws Exception {
    return authority.sign(
        authority.bundle,
        leaf.getCertificate(),
        new RevokedStatus(Date.from(at), 1),
        at,
        at.plus(LIFE));
  }
}
