package dev.postern.core.session;

import dev.postern.core.event.SessionContext;
import dev.postern.core.policy.Decision;
import dev.postern.core.policy.DenialReason;
import dev.postern.core.policy.Policy;
import dev.postern.core.policy.PolicyInput;
import dev.postern.core.policy.UserFacts;
import dev.postern.core.protocol.Effect;
import dev.postern.core.sasl.Credentials;
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

  private static final Decision NOT_THE_MASTER_USER =
      new Decision.Deny("master-user", DenialReason.MASTER_USER);

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

  /** Decides on a client that sends mail and has not logged in. */
  Decision decideWithoutLogin(SessionContext context) {
    return snapshot
        .policy()
        .decideWithoutLogin(input(context, Optional.empty(), UserFacts.NONE, Optional.empty()));
  }

  /**
   * Decides on one login. A client that wants to act as somebody else needs leave for both, and
   * none may be a backend's master user: the proxy is that for those with a certificate, whose
   * mechanism names them and nobody else. Policy comes first, so that what is denied in cleartext
   * is denied to all in the same way (CCO-4.1b).
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
            answer.accept(withoutMaster(ask, ofUser));
          } else {
            decide(
                context,
                ask.authorizationIdentity(),
                ask.mechanism(),
                ofOther -> answer.accept(withoutMaster(ask, ofOther)));
          }
        });
  }

  private Decision withoutMaster(Effect.Decide ask, Decision decision) {
    return decision.permits()
            && !Credentials.isExternal(ask.mechanism())
            && snapshot.masters().stream().anyMatch(master -> master.isMeantBy(ask.user()))
        ? NOT_THE_MASTER_USER
        : decision;
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
