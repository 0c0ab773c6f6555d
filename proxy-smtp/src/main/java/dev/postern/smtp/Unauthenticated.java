package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.BodyPrefix;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import dev.postern.core.sasl.SaslExchange;
import dev.postern.core.sasl.SaslStep;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.wire.BodyFraming;
import dev.postern.core.wire.WireViolation;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Waits for a command of a client that has not logged in. Nothing of what it says reaches a backend
 * from here, without TLS a login begins only where policy could let somebody in, and a message only
 * where it needs no login.
 */
record Unauthenticated(Session session, Client client) implements State {

  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.ClientLine l -> command(l.line());
      case Signal.Shutdown s -> over(new Farewell(replies().shutdown(), EndReason.SHUTDOWN));
      default -> ignored();
    };
  }

  private Next command(ByteBuf line) {
    if (CommandLine.isForeign(line)) {
      return over(
          new Farewell(
              replies().foreign(),
              EndReason.VIOLATION,
              new SessionEvent.Violated(WireViolation.FOREIGN_PROTOCOL)));
    }
    CommandLine command = CommandLine.parse(line);
    if (command.hidesChunk(line)) {
      return over(Farewell.UNREADABLE_CHUNK);
    }
    if (!command.printable()) {
      return bad(Replies.BAD_OCTETS);
    }
    return switch (command.verb()) {
      case EHLO, HELO -> introduction(command, line);
      case STARTTLS -> startTls(command);
      case AUTH -> auth(command, line);
      case CLIENT -> report(command, line);
      case NOOP, RSET -> answer(Replies.OK);
      case HELP -> answer(replies().help());
      case VRFY -> answer(Replies.CANNOT_VERIFY);
      case QUIT -> over(new Farewell(Replies.BYE, EndReason.LOGOUT));
      case MAIL -> Deciding.begin(session, client, Purpose.toSend(line.toString(ISO_8859_1)));
      case RCPT, DATA -> bad(Replies.MAIL_FIRST);
      case BDAT -> chunk(BdatArguments.parse(line, command));
      case EXPN, XCLIENT, XFORWARD, ETRN, BURL -> bad(Replies.NOT_IMPLEMENTED);
      case UNKNOWN -> bad(Replies.UNKNOWN_COMMAND);
    };
  }

  /**
   * A chunk follows, whatever the answer is (RFC 3030 §2): to read on would take a message for
   * commands. One that is beyond what may come before a login is not even heard out.
   */
  private Next chunk(Optional<BdatArguments> arguments) {
    if (arguments.isEmpty()) {
      return over(
          new Farewell(
              Replies.NO_CHUNKS,
              EndReason.VIOLATION,
              new SessionEvent.Violated(WireViolation.MALFORMED)));
    }
    long octets = arguments.get().octets();
    if (octets > session.terms().limits().preLoginOctets()) {
      return over(
          new Farewell(
              replies().limitReached(),
              EndReason.LIMIT,
              new SessionEvent.LimitReached(Limit.PRE_LOGIN_OCTETS)));
    }
    return Next.to(
        new UntimelyChunk(session, client),
        new Effect.StreamBody(BodyPrefix.NONE, new BodyFraming.Discarded(octets)));
  }

  private Next introduction(CommandLine command, ByteBuf line) {
    Optional<String> name = Introductions.name(command, line);
    if (name.isEmpty()) {
      return bad(Replies.BAD_NAME);
    }
    Client introduced = client.introduced(name.get(), command.verb() == Verb.EHLO);
    Extensions backend = session.offer();
    return Next.answering(
        new Unauthenticated(session, introduced),
        Introductions.answer(session, introduced, backend, false));
  }

  private Next startTls(CommandLine command) {
    if (command.hasArguments()) {
      return bad(Replies.NO_ARGUMENTS_ALLOWED);
    }
    if (client.tls().isPresent() || session.facts().mode() == TlsMode.IMPLICIT) {
      return bad(Replies.ALREADY_SECURE);
    }
    if (!session.facts().startTls()) {
      return answer(Replies.TLS_UNAVAILABLE);
    }
    return Next.to(
        new SecuringClient(session, client, false),
        new Effect.UpgradeClientTls(Lines.octets(Replies.START_TLS)));
  }

  private Next auth(CommandLine command, ByteBuf line) {
    int blank = line.indexOf(command.from(), command.to(), (byte) ' ');
    int mechanismEnd = blank < 0 ? command.to() : blank;
    String mechanism =
        line.toString(command.from(), mechanismEnd - command.from(), ISO_8859_1)
            .toUpperCase(Locale.ROOT);
    Optional<ByteBuf> initial =
        blank < 0 ? Optional.empty() : Optional.of(line.slice(blank + 1, command.to() - blank - 1));
    if (!client.loginPossible()) {
      return notHere(
          initial.flatMap(i -> SaslExchange.begin(mechanism, Optional.empty(), initial)));
    }
    if (!client.extended()) {
      return bad(Replies.EHLO_FIRST);
    }
    Extensions backend = session.offer();
    return SaslExchange.begin(mechanism, session.external(client, backend), initial)
        .map(step -> Challenged.step(session, client, mechanism, step))
        .orElseGet(
            () -> bad(command.hasArguments() ? Replies.UNKNOWN_MECHANISM : Replies.BAD_ARGUMENTS));
  }

  /**
   * Nobody can log in on this connection: the answer is the same whatever was sent. Who sent a
   * password all the same has exposed it on a cleartext channel, and the audit must know
   * (CCO-4.1c).
   */
  private Next notHere(Optional<SaslStep> sent) {
    List<Effect> effects = new ArrayList<>();
    if (sent.isPresent() && sent.get() instanceof SaslStep.Complete c) {
      effects.add(
          new Effect.Emit(
              new SessionEvent.LoginEnded(
                  c.credentials().user(), c.credentials().mechanism(), LoginOutcome.DENIED)));
    }
    effects.add(
        Effect.reply(
            client.tls().isPresent() ? replies().notOnThisConnection() : replies().tlsRequired()));
    effects.add(Effect.READ_LINE);
    return new Next(this, effects);
  }

  private Next report(CommandLine command, ByteBuf line) {
    Optional<ClientReport> report = ClientReport.parse(line, command);
    if (report.isEmpty()) {
      return bad(Replies.BAD_ARGUMENTS);
    }
    return Next.to(
        new Unauthenticated(session, client.reported(report.get())),
        new Effect.Emit(new SessionEvent.ClientIdentified(report.get().fields())),
        Effect.reply(Replies.OK),
        Effect.READ_LINE);
  }

  private Next answer(String reply) {
    return Next.answering(this, reply);
  }

  private Next bad(String reply) {
    return session.bad(client, reply);
  }
}
