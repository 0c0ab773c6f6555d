package dev.postern.pop3;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.policy.Decision;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.sasl.Credentials;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.wire.Relay;
import dev.postern.pop3.State.AtBackend;
import dev.postern.pop3.State.Authorization;
import dev.postern.pop3.State.Client;
import dev.postern.pop3.State.Connecting;
import dev.postern.pop3.State.Deciding;
import dev.postern.pop3.State.LoggingIn;
import dev.postern.pop3.State.Pausing;
import dev.postern.pop3.State.Transaction;
import io.netty.buffer.ByteBuf;
import java.util.Optional;

/** A login, from the complete credentials to its one answer: policy first, then the backend. */
final class Login {
  private final SessionFacts facts;
  private final Terms terms;
  private final Answers answers;
  private final boolean plain;

  Login(SessionFacts facts, Terms terms, Answers answers) {
    this.facts = facts;
    this.terms = terms;
    this.answers = answers;
    this.plain = Capabilities.offersSasl(facts.offer().capabilities(), "PLAIN");
  }

  /** Takes what policy says. Nothing of a denied login reaches a backend. */
  Turn decided(Deciding s, Decision decision) {
    Credentials who = s.credentials();
    Turn next =
        switch (decision) {
          case Decision.Deny deny when deny.reason().isConcealed() ->
              pausing(s.client(), Refusal.CREDENTIALS.answer()).afterEnd(who, LoginOutcome.DENIED);
          case Decision.Deny deny ->
              Turn.answer(afterwards(s.client()), answers.denied(deny.reason()))
                  .afterEnd(who, LoginOutcome.DENIED);
          case Decision.Allow a -> connect(s);
          case Decision.Warn w -> connect(s);
        };
    return next.after(
        new Effect.Emit(new SessionEvent.LoginDecided(who.user(), who.mechanism(), decision)));
  }

  private Turn connect(Deciding s) {
    Credentials who = s.credentials();
    if (who.forBackend(facts.master()).filter(c -> BackendLogin.carries(c, plain)).isEmpty()) {
      return refused(s.client(), who, Refusal.CREDENTIALS);
    }
    return Turn.to(new Connecting(s.client(), who), new Effect.Connect(who.actsAs()));
  }

  /** Waits for the greeting of the backend that is now connected. */
  Turn connected(Connecting s) {
    Optional<String> introduction = Xclient.command(facts, s.client().tls());
    // nobody without credentials for the backend is on the way to it
    Credentials given = s.credentials().forBackend(facts.master()).orElseThrow();
    return Turn.to(
        new AtBackend(s.client(), s.credentials(), BackendLogin.begin(given, plain, introduction)));
  }

  /** Takes a line of the backend. */
  Turn line(AtBackend s, ByteBuf line) {
    return switch (s.login().on(line)) {
      case BackendLogin.Step.Send send ->
          Turn.to(
              new AtBackend(s.client(), s.credentials(), send.next()),
              new Effect.ToBackend(send.octets()));
      case BackendLogin.Step.Accepted a -> {
        Pop3Relay relay =
            new Pop3Relay(
                Math.min(terms.limits().lineLength(), Relay.LONGEST_UNIT),
                terms.limits().pipelinedCommands());
        yield Turn.to(
                new Transaction(relay),
                Effect.reply(Answers.LOGGED_IN),
                new Effect.PassThrough(relay))
            .afterEnd(s.credentials(), LoginOutcome.SUCCESS);
      }
      case BackendLogin.Step.Refused r ->
          refused(s.client(), s.credentials(), r.refusal()).after(Effect.LEAVE_BACKEND);
      case BackendLogin.Step.Broken b ->
          lost(s)
              .after(
                  Effect.LEAVE_BACKEND,
                  new Effect.Emit(new SessionEvent.BackendFailed(BackendLoss.PROTOCOL)));
    };
  }

  /** Takes the loss of the backend, or of the way to it. */
  Turn lost(LoggingIn s) {
    return Turn.answer(afterwards(s.client()), Answers.UNAVAILABLE)
        .afterEnd(s.credentials(), LoginOutcome.UNAVAILABLE);
  }

  /** Gives the answer that was held back. */
  Turn resumed(Pausing s) {
    return Turn.answer(afterwards(s.client()), s.answer());
  }

  private static Turn refused(Client client, Credentials who, Refusal refusal) {
    // there is no password that could be wrong
    boolean notThere = who.isExternal() && refusal == Refusal.CREDENTIALS;
    return pausing(client, notThere ? Answers.NOT_THERE : refusal.answer())
        .afterEnd(who, refusal.outcome());
  }

  private static Turn pausing(Client client, String answer) {
    return Turn.to(new Pausing(client, answer), Effect.PAUSE);
  }

  /** A failed login begins with USER again (RFC 1939 §7). */
  private static Authorization afterwards(Client client) {
    return new Authorization(client, Optional.empty());
  }
}
