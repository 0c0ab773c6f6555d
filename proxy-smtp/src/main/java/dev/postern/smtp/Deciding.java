package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.policy.BareNewlines;
import dev.postern.core.policy.Decision;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import java.util.ArrayList;
import java.util.List;

/** Waits for policy; no backend has heard of the client. */
record Deciding(Session session, Client client, Purpose purpose) implements LoginAttempt {

  /** Asks. */
  static Next begin(Session session, Client client, Purpose purpose) {
    return Next.to(new Deciding(session, client, purpose), purpose.question());
  }

  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.Decided d -> decided(d.decision());
      case Signal.Shutdown s -> over(new Farewell(replies().shutdown(), EndReason.SHUTDOWN));
      default -> ignored();
    };
  }

  private Next decided(Decision decision) {
    Next next =
        switch (decision) {
          case Decision.Allow a -> admitted(a, a.bareNewlines());
          case Decision.Warn w -> admitted(w, w.bareNewlines());
          case Decision.Deny d -> denied(d);
        };
    return purpose.answered(decision).map(next::after).orElse(next);
  }

  private Next denied(Decision.Deny deny) {
    List<Effect> effects = new ArrayList<>(3);
    purpose.ended(LoginOutcome.DENIED).map(Effect.Emit::new).ifPresent(effects::add);
    return switch (purpose) {
      case Purpose.ToLogIn p when deny.reason().isConcealed() -> {
        effects.add(Effect.PAUSE);
        yield new Next(new Penalized(session, client, Replies.WRONG_CREDENTIALS), effects);
      }
      case Purpose.ToLogIn p ->
          denied(replies().denied(deny.reason(), client.tls().isPresent()), effects);
      case Purpose.ToSend p ->
          denied(client.mustSecure() ? Replies.MUST_SECURE : Replies.MUST_AUTHENTICATE, effects);
    };
  }

  private Next denied(String reply, List<Effect> effects) {
    effects.add(Effect.reply(reply));
    effects.add(Effect.READ_LINE);
    return new Next(new Unauthenticated(session, client), effects);
  }

  private Next admitted(Decision decision, BareNewlines newlines) {
    return Next.to(
        new LoggingIn(
            session,
            client.admitted(newlines, purpose instanceof Purpose.ToSend),
            purpose.permitted(decision),
            new LoggingIn.Connecting(),
            BackendReply.NONE),
        new Effect.Connect(purpose.user()));
  }
}
