package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.policy.BareNewlines;
import dev.postern.core.policy.Decision;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import dev.postern.core.sasl.Credentials;

/** Waits for policy; no backend has heard of the user. */
record Deciding(Session session, Client client, Credentials credentials) implements LoginAttempt {
  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.Decided d -> decided(d.decision());
      case Signal.Shutdown s -> over(new Farewell(replies().shutdown(), EndReason.SHUTDOWN));
      default -> ignored();
    };
  }

  private Next decided(Decision decision) {
    Effect heard =
        new Effect.Emit(
            new SessionEvent.LoginDecided(credentials.user(), credentials.mechanism(), decision));
    return switch (decision) {
      case Decision.Allow a -> connect(heard, a.bareNewlines());
      case Decision.Warn w -> connect(heard, w.bareNewlines());
      case Decision.Deny d when d.reason().isConcealed() ->
          Next.to(
              new Penalized(session, client, Replies.WRONG_CREDENTIALS),
              heard,
              new Effect.Emit(ended(LoginOutcome.DENIED)),
              Effect.PAUSE);
      case Decision.Deny d ->
          Next.to(
              new Unauthenticated(session, client),
              heard,
              new Effect.Emit(ended(LoginOutcome.DENIED)),
              Effect.reply(replies().denied(d.reason(), client.tls().isPresent())),
              Effect.READ_LINE);
    };
  }

  private Next connect(Effect heard, BareNewlines newlines) {
    return Next.to(
        new LoggingIn(
            session,
            client.admitted(newlines),
            credentials,
            new LoggingIn.Connecting(),
            BackendReply.NONE),
        heard,
        new Effect.Connect(credentials.actsAs()));
  }
}
