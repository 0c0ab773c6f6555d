package dev.postern.imap;

import static dev.postern.core.protocol.Effect.READ_LINE;
import static dev.postern.core.protocol.Effect.reply;

import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import dev.postern.core.sasl.SaslExchange;
import dev.postern.core.sasl.SaslStep;
import java.util.List;

/**
 * A SASL exchange waits for the client.
 *
 * @param exchange what it is about
 * @param sasl takes the client's next response
 */
record Authenticating(Exchange exchange, SaslExchange sasl) implements State {
  @Override
  public Turn on(Signal signal, Session session) {
    return switch (signal) {
      case Signal.ClientLine response -> exchange.led(sasl.on(response.line()), session);
      default -> Turn.to(this);
    };
  }

  /**
   * An AUTHENTICATE command.
   *
   * @param client who gave it
   * @param tag its tag
   * @param mechanism in upper case
   */
  record Exchange(Client client, String tag, String mechanism) {

    /** Goes on from where a step has led. */
    Turn led(SaslStep step, Session session) {
      return switch (step) {
        case SaslStep.Challenge asked ->
            Turn.to(
                new Authenticating(this, asked.next()),
                reply("+ " + asked.challenge() + "\r\n"),
                READ_LINE);
        case SaslStep.Complete complete ->
            new Attempt(client, tag, complete.credentials()).decide();
        case SaslStep.Foreign foreign ->
            new Attempt(client, tag, foreign.credentials()).delayed(Session.FOREIGN);
        case SaslStep.Cancelled cancelled -> over("Authentication cancelled", session);
        case SaslStep.Malformed malformed -> over("Invalid authentication response", session);
      };
    }

    private Turn over(String text, Session session) {
      Effect ended =
          new Effect.Emit(new SessionEvent.LoginEnded("", mechanism, LoginOutcome.CANCELLED));
      return client.ready().counted(tag + " BAD " + text + "\r\n", List.of(ended), session);
    }
  }
}
