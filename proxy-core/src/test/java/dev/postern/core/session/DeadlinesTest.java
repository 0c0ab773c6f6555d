package dev.postern.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.Limit;
import dev.postern.core.protocol.Effect;
import dev.postern.core.snapshot.Limits;
import dev.postern.core.snapshot.SubmissionLimits;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A session's timer, on a clock that goes only when told. */
class DeadlinesTest {
  private static final Duration REPLY = SubmissionLimits.DEFAULT.replyDeadline();
  private static final Duration VERDICT = SubmissionLimits.DEFAULT.verdictDeadline();
  private static final Duration LOGIN = Limits.DEFAULT.loginDeadline();
  private static final Duration HANDSHAKE = Limits.DEFAULT.handshakeDeadline();
  private static final Effect.IdleTimeout CLIENT_GOES_ON =
      new Effect.IdleTimeout(REPLY, false, Limit.IDLE_TIMEOUT);
  private static final Effect.IdleTimeout BACKEND_REPLIES =
      new Effect.IdleTimeout(REPLY, true, Limit.REPLY_DEADLINE);
  private static final Effect.IdleTimeout BACKEND_DECIDES =
      new Effect.IdleTimeout(VERDICT, true, Limit.VERDICT_DEADLINE);

  private final MockTicker clock = Ticker.newMockTicker();
  private final EmbeddedChannel channel = EmbeddedChannel.builder().ticker(clock).build();
  private final List<Limit> passed = new ArrayList<>();
  private final Deadlines deadlines =
      new Deadlines(channel.eventLoop(), Limits.DEFAULT, passed::add);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void aClientThatDoesNotLogInIsCutOffHoweverMuchItSays() {
    deadlines.connected();
    for (Duration left = LOGIN; left.compareTo(Duration.ofSeconds(1)) > 0; ) {
      wait(Duration.ofSeconds(1));
      left = left.minusSeconds(1);
      deadlines.clientTraffic();
      assertThat(passed).isEmpty();
    }
    wait(Duration.ofSeconds(1));
    assertThat(passed).containsExactly(Limit.LOGIN_DEADLINE);
  }

  @Test
  void aHandshakeHasAShareOfTheTimeUntilLogin() {
    deadlines.connectedForHandshake(HANDSHAKE);
    notBefore(HANDSHAKE, Limit.HANDSHAKE_DEADLINE);
  }

  @Test
  void aHandshakeThatIsDoneLeavesTheRestForTheLogin() {
    deadlines.connectedForHandshake(HANDSHAKE);
    wait(HANDSHAKE.minusSeconds(1));
    deadlines.handshakeDone();
    notBefore(LOGIN.minus(HANDSHAKE).plusSeconds(1), Limit.LOGIN_DEADLINE);
  }

  @Test
  void eitherSideKeepsAnIdleSessionAlive() {
    logIn();
    wait(Limits.DEFAULT.idleTimeout().minusSeconds(1));
    deadlines.clientTraffic();
    wait(Limits.DEFAULT.idleTimeout().minusSeconds(1));
    deadlines.backendTraffic();
    notBefore(Limits.DEFAULT.idleTimeout(), Limit.IDLE_TIMEOUT);
  }

  /** MAIL, RCPT and the initiation of DATA: RFC 5321 §4.5.3.2.2 to .4. */
  @Test
  @Tag("CCO-3.3")
  void whatAClientSendsMeanwhileBuysTheBackendNoTime() {
    logIn();
    deadlines.idleTimeout(BACKEND_REPLIES);
    for (int i = 1; i < 5; i++) {
      wait(Duration.ofMinutes(1));
      deadlines.clientTraffic();
    }
    notBefore(Duration.ofMinutes(1), Limit.REPLY_DEADLINE);
  }

  @Test
  void eachReplyOfTheBackendHasItsOwnTime() {
    logIn();
    deadlines.idleTimeout(BACKEND_REPLIES);
    for (int i = 0; i < 10; i++) {
      wait(REPLY.minusSeconds(1));
      deadlines.backendTraffic();
    }
    notBefore(REPLY, Limit.REPLY_DEADLINE);
  }

  /** RFC 5321 §4.5.3.2.5 and .7: the next command, the next block of a message. */
  @Test
  void aClientThatIsWaitedForHasItsTimeFromThenOn() {
    logIn();
    deadlines.idleTimeout(BACKEND_REPLIES);
    wait(REPLY.minusSeconds(1));
    deadlines.idleTimeout(CLIENT_GOES_ON);
    wait(REPLY.minusSeconds(1));
    deadlines.clientTraffic();
    notBefore(REPLY, Limit.IDLE_TIMEOUT);
  }

  /** RFC 5321 §4.5.3.2.6. */
  @Test
  void theVerdictOnAMessageMayTakeLonger() {
    logIn();
    deadlines.idleTimeout(CLIENT_GOES_ON);
    wait(REPLY.minusSeconds(1));
    deadlines.idleTimeout(BACKEND_DECIDES);
    wait(VERDICT.minusSeconds(1));
    deadlines.clientTraffic();
    notBefore(Duration.ofSeconds(1), Limit.VERDICT_DEADLINE);
  }

  @Test
  void aShorterTimeHoldsAtOnce() {
    logIn();
    deadlines.idleTimeout(BACKEND_DECIDES);
    wait(Duration.ofMinutes(1));
    deadlines.idleTimeout(CLIENT_GOES_ON);
    notBefore(REPLY, Limit.IDLE_TIMEOUT);
  }

  @Test
  void nothingHappensAfterTheEnd() {
    logIn();
    deadlines.cancel();
    wait(Duration.ofDays(1));
    assertThat(passed).isEmpty();
  }

  private void logIn() {
    deadlines.connected();
    deadlines.loggedIn();
  }

  /** The limit is reached exactly then. */
  private void notBefore(Duration rest, Limit limit) {
    wait(rest.minusNanos(1));
    assertThat(passed).isEmpty();
    wait(Duration.ofNanos(1));
    assertThat(passed).containsExactly(limit);
  }

  private void wait(Duration time) {
    clock.advance(time.toNanos(), TimeUnit.NANOSECONDS);
    channel.runScheduledPendingTasks();
  }
}
