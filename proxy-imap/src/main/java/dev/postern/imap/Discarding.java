package dev.postern.imap;

import static dev.postern.core.protocol.Effect.READ_LINE;
import static dev.postern.core.protocol.Effect.reply;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;

/**
 * A command that is refused already still comes, for its literals are non-synchronizing. They are
 * read for the framing's sake and thrown away.
 *
 * @param client who gives it
 * @param tag the command's, or {@code *}
 * @param name the command's
 */
record Discarding(Client client, String tag, String name) implements State {

  /** Asks for a literal. */
  Turn ask(int size) {
    return Turn.to(this, size == 0 ? READ_LINE : new Effect.ReadOctets(size));
  }

  /** Answers the command. */
  Turn answer(Session session) {
    return client.ready().refuseLiteral(tag, name, session);
  }

  /** Ends the session: the client will send more than can be read. */
  static Turn tooMuch(Limit limit) {
    return Turn.to(
        new Closing(),
        new Effect.Emit(new SessionEvent.LimitReached(limit)),
        reply("* BYE [LIMIT] The literal is too large, or one too many\r\n"),
        new Effect.Close(EndReason.LIMIT));
  }

  @Override
  public Turn on(Signal signal, Session session) {
    return switch (signal) {
      case Signal.ClientOctets literal -> Turn.to(this, READ_LINE);
      case Signal.ClientLine rest -> {
        CommandText text = CommandText.of(rest.line());
        if (!text.announcesLiteral() || text.marker().synchronizing()) {
          yield answer(session);
        }
        if (text.marker().size() <= session.terms().limits().literalSize()) {
          yield ask((int) text.marker().size());
        }
        yield tooMuch(Limit.LITERAL_SIZE);
      }
      default -> Turn.to(this);
    };
  }
}
