package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import dev.postern.core.sasl.SaslExchange;
import dev.postern.core.sasl.SaslStep;

/**
 * Waits for a SASL response (RFC 4954 §4).
 *
 * @param exchange takes the response
 */
record Challenged(Session session, Client client, String mechanism, SaslExchange exchange)
    implements State {
  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.ClientLine l -> step(session, client, mechanism, exchange.on(l.line()));
      case Signal.Shutdown s -> over(new Farewell(replies().shutdown(), EndReason.SHUTDOWN));
      default -> ignored();
    };
  }

  /** Goes where a step of the exchange led to. */
  static Next step(Session session, Client client, String mechanism, SaslStep step) {
    return switch (step) {
      case SaslStep.Challenge c ->
          Next.answering(
              new Challenged(session, client, mechanism, c.next()),
              "334 " + c.challenge() + "\r\n");
      case SaslStep.Complete c ->
          Deciding.begin(session, client, new Purpose.ToLogIn(c.credentials()));
      case SaslStep.Foreign f ->
          Next.to(
              new Penalized(session, client, Replies.FOREIGN),
              new Effect.Emit(
                  new SessionEvent.LoginEnded(
                      f.credentials().user(), mechanism, LoginOutcome.REFUSED)),
              Effect.PAUSE);
      case SaslStep.Cancelled c ->
          Next.to(
              new Unauthenticated(session, client),
              new Effect.Emit(new SessionEvent.LoginEnded("", mechanism, LoginOutcome.CANCELLED)),
              Effect.reply(Replies.CANCELLED),
              Effect.READ_LINE);
      case SaslStep.Malformed m -> session.bad(client, Replies.MALFORMED_RESPONSE);
    };
  }
}
