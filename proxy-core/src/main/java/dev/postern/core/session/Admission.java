package dev.postern.core.session;

import dev.postern.core.event.SessionContext;
import dev.postern.core.policy.Decision;
import dev.postern.core.policy.DenialReason;
import dev.postern.core.policy.Policy;
import dev.postern.core.policy.PolicyInput;
import dev.postern.core.policy.UserFacts;
import dev.postern.core.protocol.Effect;
import io.netty.channel.EventLoop;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Asks policy about one session, and the directory where policy needs it. */
final class Admission {
  private static final long DIRECTORY_SECONDS = 5;
  private static final Decision DIRECTORY_SILENT =
      new Decision.Deny("directory", DenialReason.DIRECTORY_UNAVAILABLE);

  private final Snapshot snapshot;
  private final EventLoop loop;

  Admission(Snapshot snapshot, EventLoop loop) {
    this.snapshot = snapshot;
    this.loop = loop;
  }

  /** Says whether anybody could be let in on this channel. */
  boolean possible(SessionContext context) {
    return snapshot
        .policy()
        .admitsSomeone(input(context, Optional.empty(), UserFacts.NONE, Optional.empty()));
  }

  /**
   * Decides on one login. A client that wants to act as somebody else needs leave for both.
   *
   * @param answer told at once, or on the event loop when the directory has answered
   */
  void decide(SessionContext context, Effect.Decide ask, Consumer<Decision> answer) {
    decide(
        context,
        ask.user(),
        ask.mechanism(),
        ofUser -> {
          if (ask.authorizationIdentity().isEmpty() || !ofUser.permits()) {
            answer.accept(ofUser);
          } else {
            decide(context, ask.authorizationIdentity(), ask.mechanism(), answer);
          }
        });
  }

  private void decide(
      SessionContext context, String user, String mechanism, Consumer<Decision> answer) {
    Policy policy = snapshot.policy();
    Optional<String> who = Optional.of(user);
    Optional<String> how = Optional.of(mechanism);
    PolicyInput input = input(context, who, UserFacts.NONE, how);
    if (!policy.needsDirectory(input)) {
      answer.accept(policy.decide(input));
      return;
    }
    // the deadline is put on a copy: the directory's own future may have other waiters
    snapshot
        .directory()
        .lookup(user)
        .toCompletableFuture()
        .copy()
        .orTimeout(DIRECTORY_SECONDS, TimeUnit.SECONDS)
        .handle(
            (facts, failure) ->
                failure == null ? policy.decide(input(context, who, facts, how)) : DIRECTORY_SILENT)
        .thenAccept(decision -> loop.execute(() -> answer.accept(decision)));
  }

  private static PolicyInput input(
      SessionContext context, Optional<String> user, UserFacts facts, Optional<String> mechanism) {
    return new PolicyInput(
        context.service(),
        context.listener(),
        context.tls(),
        context.client().getAddress(),
        user,
        facts,
        mechanism,
        LocalDate.now(ZoneId.systemDefault()));
  }
}
