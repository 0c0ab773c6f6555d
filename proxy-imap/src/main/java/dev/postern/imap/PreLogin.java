package dev.postern.imap;

import static dev.postern.core.protocol.Effect.READ_LINE;
import static dev.postern.core.protocol.Effect.reply;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import dev.postern.core.wire.WireViolation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The client may give commands and has not logged in. What LOGIN and AUTHENTICATE do is all that
 * the two states differ in.
 */
sealed interface PreLogin extends State permits PreTls, PreAuth {

  Client client();

  /** Takes LOGIN; the cursor stands behind the command's name. */
  Turn login(String tag, Cursor arguments, Session session);

  /** Takes AUTHENTICATE; the cursor stands behind the command's name. */
  Turn authenticate(String tag, Cursor arguments, Session session);

  /** Says whether a command's literals are read and kept. */
  boolean takesLiterals(String name);

  /**
   * Answers a command with a literal that is not taken.
   *
   * @param tag the command's tag, or {@code *}
   */
  default Turn refuseLiteral(String tag, String name, Session session) {
    return bad(tag, "A literal is not possible here", session);
  }

  @Override
  default Turn on(Signal signal, Session session) {
    return switch (signal) {
      case Signal.ClientLine line -> received(CommandText.of(line.line()), session);
      default -> Turn.to(this);
    };
  }

  /** Takes a command as far as it has come. */
  default Turn received(CommandText text, Session session) {
    Cursor cursor = text.cursor();
    String tag = cursor.tag();
    String atom = tag != null && cursor.skip(' ') ? cursor.atom() : null;
    String name = atom == null ? "" : atom.toUpperCase(Locale.ROOT);
    if (client().silent() && ForeignProtocol.speaks(tag, name, text.cursor())) {
      return Turn.to(
          new Closing(),
          new Effect.Emit(new SessionEvent.Violated(WireViolation.FOREIGN_PROTOCOL)),
          new Effect.Close(EndReason.VIOLATION));
    }
    PreLogin heard = client().heard().ready();
    if (text.announcesLiteral()) {
      return heard.literalAnnounced(tag, name, text, session);
    }
    return tag == null
        ? heard.bad("*", "Invalid tag", session)
        : heard.execute(tag, name, cursor, session);
  }

  private Turn literalAnnounced(
      @Nullable String tag, String name, CommandText text, Session session) {
    LiteralMarker marker = text.marker();
    boolean tooLarge = marker.size() > session.terms().limits().literalSize();
    boolean tooMany = text.literals() >= session.terms().limits().literalCount();
    boolean taken = tag != null && takesLiterals(name);
    Discarding rest = new Discarding(client(), tag == null ? "*" : tag, name);
    if (tooLarge || tooMany) {
      Limit limit = tooLarge ? Limit.LITERAL_SIZE : Limit.LITERAL_COUNT;
      if (!marker.synchronizing()) {
        return Discarding.tooMuch(limit);
      }
      return taken
          ? Turn.to(
              this,
              new Effect.Emit(new SessionEvent.LimitReached(limit)),
              reply(tag + " NO [LIMIT] The literal is too large, or one too many\r\n"),
              READ_LINE)
          : rest.answer(session);
    }
    if (taken) {
      return new Collecting(client(), text).ask();
    }
    return marker.synchronizing() ? rest.answer(session) : rest.ask((int) marker.size());
  }

  private Turn execute(String tag, String name, Cursor arguments, Session session) {
    switch (name) {
      case "LOGIN" -> {
        return login(tag, arguments, session);
      }
      case "AUTHENTICATE" -> {
        return authenticate(tag, arguments, session);
      }
      case "ID" -> {
        return identify(tag, arguments, session);
      }
      case "CAPABILITY", "NOOP", "LOGOUT", "STARTTLS" -> {
        if (!arguments.atEnd()) {
          return bad(tag, name + " takes no arguments", session);
        }
      }
      default -> {
        return bad(tag, "Unknown command, or not before login", session);
      }
    }
    return switch (name) {
      case "CAPABILITY" ->
          Turn.to(
              this,
              reply(
                  "* CAPABILITY %s\r\n%s OK Capability completed\r\n"
                      .formatted(session.capabilities(client()), tag)),
              READ_LINE);
      case "NOOP" -> Turn.to(this, reply(tag + " OK NOOP completed\r\n"), READ_LINE);
      case "LOGOUT" ->
          Turn.to(
              new Closing(),
              reply("* BYE Logging out\r\n%s OK Logout completed\r\n".formatted(tag)),
              new Effect.Close(EndReason.LOGOUT));
      default -> startTls(tag, session);
    };
  }

  private Turn startTls(String tag, Session session) {
    if (client().tls().isPresent()) {
      return bad(tag, "TLS is active already", session);
    }
    if (!session.offersStartTls(client())) {
      return bad(tag, "STARTTLS is not available", session);
    }
    Effect begin = Effect.reply(tag + " OK Begin TLS negotiation now\r\n");
    return Turn.to(
        new AwaitingTls(client(), tag),
        new Effect.UpgradeClientTls(((Effect.Reply) begin).octets()));
  }

  private Turn identify(String tag, Cursor arguments, Session session) {
    ClientId id = arguments.skip(' ') ? ClientId.parse(arguments) : null;
    if (id == null) {
      return bad(tag, "Invalid ID: NIL or a list of strings is expected", session);
    }
    return Turn.to(
        client().identified(id).ready(),
        new Effect.Emit(new SessionEvent.ClientIdentified(id.fields())),
        reply(session.idResponse() + tag + " OK ID completed\r\n"),
        READ_LINE);
  }

  /**
   * Answers BAD and counts it.
   *
   * @param tag the command's tag, or {@code *}
   */
  default Turn bad(String tag, String text, Session session) {
    return counted(tag + " BAD " + text + "\r\n", List.of(), session);
  }

  /**
   * Counts a command that could not be taken; one too many ends the session.
   *
   * @param answer to the command, CRLF included
   * @param before effects that come first
   */
  default Turn counted(String answer, List<Effect> before, Session session) {
    Client client = client().withOneMoreBadCommand();
    List<Effect> effects = new ArrayList<>(before);
    if (client.badCommands() <= session.terms().limits().badCommands()) {
      effects.add(reply(answer));
      effects.add(READ_LINE);
      return new Turn(client.ready(), effects);
    }
    effects.add(reply(answer + "* BYE [LIMIT] Too many invalid commands\r\n"));
    effects.add(new Effect.Emit(new SessionEvent.LimitReached(Limit.BAD_COMMANDS)));
    effects.add(new Effect.Close(EndReason.LIMIT));
    return new Turn(new Closing(), effects);
  }
}
