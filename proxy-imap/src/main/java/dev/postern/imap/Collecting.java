package dev.postern.imap;

import static dev.postern.core.protocol.Effect.READ_LINE;
import static dev.postern.core.protocol.Effect.reply;

import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/**
 * A command comes with literals, and not all of it is here.
 *
 * @param client who gives it
 * @param text what is here
 */
record Collecting(Client client, CommandText text) implements State {

  /** Asks for the literal that the text announces. */
  Turn ask() {
    List<Effect> effects = new ArrayList<>(2);
    if (text.marker().synchronizing()) {
      effects.add(reply("+ OK\r\n"));
    }
    int size = (int) text.marker().size();
    if (size == 0) {
      effects.add(READ_LINE);
      return new Turn(new Collecting(client, text.literal(Unpooled.EMPTY_BUFFER)), effects);
    }
    effects.add(new Effect.ReadOctets(size));
    return new Turn(this, effects);
  }

  @Override
  public Turn on(Signal signal, Session session) {
    return switch (signal) {
      case Signal.ClientOctets literal ->
          Turn.to(new Collecting(client, text.literal(literal.octets())), READ_LINE);
      case Signal.ClientLine rest -> client.ready().received(text.line(rest.line()), session);
      default -> Turn.to(this);
    };
  }
}
