package dev.postern.imap;

import static dev.postern.core.protocol.Effect.reply;
import static dev.postern.core.protocol.Effect.toBackend;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The client is logged in. Nearly everything passes; what the relay lifts out comes here.
 *
 * <p>A command that the proxy answers itself still sends one to the backend, under the same tag:
 * when the backend answers that, it is the proxy's answer's turn. So answers keep their order
 * however commands are pipelined.
 *
 * @param relay follows the framing of both directions
 */
record Relaying(ImapRelay relay) implements State {
  /** Stands for the tag of a line that has none. */
  private static final String NO_TAG = "postern";

  @Override
  public Turn on(Signal signal, Session session) {
    return switch (signal) {
      case Signal.ClientUnit(ByteBuf unit) ->
          switch (relay.lifted()) {
            case COMMAND -> command(unit, session);
            case MARKER -> Turn.to(this, toBackend(synchronizing(unit)));
            case DROPPED -> Turn.to(this);
          };
      case Signal.BackendUnit(ByteBuf unit) -> response(unit);
      case Signal.BackendLost(BackendLoss loss) -> lost(loss);
      default -> Turn.to(this);
    };
  }

  @Override
  public boolean mayReply(Session session) {
    return relay.atResponseBoundary();
  }

  private Turn command(ByteBuf unit, Session session) {
    byte[] octets = ByteBufUtil.getBytes(unit, unit.readerIndex(), unit.readableBytes() - 2);
    if (octets.length == 0) {
      // Some clients send an empty line behind a literal; no backend needs to see it.
      return Turn.to(this);
    }
    Cursor cursor = new Cursor(octets);
    String tag = cursor.tag();
    if (tag == null || !(cursor.atEnd() || cursor.skip(' '))) {
      return instead(NO_TAG, " NOOP", "* BAD Invalid tag\r\n", List.of());
    }
    String name = cursor.atom();
    return switch (name == null ? "" : name.toUpperCase(Locale.ROOT)) {
      case "ID" -> identify(tag, cursor, session);
      case "LOGIN", "AUTHENTICATE" ->
          instead(tag, " NOOP", tag + " BAD Logged in already\r\n", List.of());
      case "STARTTLS" ->
          instead(tag, " NOOP", tag + " BAD STARTTLS is possible only before login\r\n", List.of());
      default -> instead(tag, " NOOP", tag + " BAD Unknown command, or not offered\r\n", List.of());
    };
  }

  /** Makes the marker of a non-synchronizing literal one of a synchronizing literal. */
  private static String synchronizing(ByteBuf marker) {
    return marker.toString(US_ASCII).replace("+", "");
  }

  private Turn identify(String tag, Cursor arguments, Session session) {
    ClientId id = arguments.skip(' ') ? ClientId.parse(arguments) : null;
    if (id == null) {
      String answer = tag + " BAD Invalid ID: NIL or a list of strings is expected\r\n";
      return instead(tag, " NOOP", answer, List.of());
    }
    StringBuilder list = new StringBuilder("(");
    id.forwardTo(list);
    String forwarded =
        !Capabilities.offers(session.offer(), "ID")
            ? " NOOP"
            : " ID " + (list.length() == 1 ? "NIL" : list.append(')').toString());
    Effect event = new Effect.Emit(new SessionEvent.ClientIdentified(id.fields()));
    return instead(
        tag, forwarded, session.idResponse() + tag + " OK ID completed\r\n", List.of(event));
  }

  /** Sends another command to the backend, and has its answer replaced. */
  private Turn instead(String tag, String command, String answer, List<Effect> before) {
    List<Effect> effects = new ArrayList<>(before);
    if (relay.expect(tag, answer)) {
      effects.add(toBackend(tag + command + "\r\n"));
      return new Turn(this, effects);
    }
    if (relay.atResponseBoundary()) {
      effects.add(reply("* BYE [LIMIT] Too many commands at once\r\n"));
    }
    effects.add(new Effect.Close(EndReason.LIMIT));
    return new Turn(new Closing(), effects);
  }

  private Turn response(ByteBuf unit) {
    String line = unit.toString(unit.readerIndex(), unit.readableBytes() - 2, UTF_8);
    if (line.regionMatches(true, 0, "* CAPABILITY", 0, 12)) {
      List<String> offered = Capabilities.words(line.substring(12));
      return Turn.to(
          this,
          reply("* CAPABILITY " + String.join(" ", Capabilities.afterLogin(offered)) + "\r\n"));
    }
    int space = line.indexOf(' ');
    String tag = space < 0 ? line : line.substring(0, space);
    if (tag.equals("+")) {
      return Turn.to(this);
    }
    if (tag.equals("*")) {
      Response response = Response.parse(line);
      // All else that is untagged and lifted out is an answer to ID, for which the proxy's own
      // stands.
      return response == null ? Turn.to(this) : Turn.to(this, reply(response.forClient(tag)));
    }
    String answer = relay.answerTo(tag);
    if (answer != null) {
      return Turn.to(this, reply(answer));
    }
    Response response = Response.parse(line);
    return Turn.to(this, reply(response == null ? line + "\r\n" : response.forClient(tag)));
  }

  private Turn lost(BackendLoss loss) {
    if (relay.loggingOut()) {
      return Turn.to(new Closing(), new Effect.Close(EndReason.LOGOUT));
    }
    EndReason reason =
        loss == BackendLoss.CLOSED ? EndReason.BACKEND_CLOSED : EndReason.BACKEND_FAILED;
    Effect close = new Effect.Close(reason);
    return relay.atResponseBoundary() && !relay.saidBye()
        ? Turn.to(
            new Closing(),
            reply("* BYE [UNAVAILABLE] The mail server is gone: connect again\r\n"),
            close)
        : Turn.to(new Closing(), close);
  }
}
