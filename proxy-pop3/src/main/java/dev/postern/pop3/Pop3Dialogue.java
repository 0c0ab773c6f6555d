package dev.postern.pop3;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.Limit;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.protocol.Signal;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.wire.WireViolation;
import dev.postern.pop3.State.AtBackend;
import dev.postern.pop3.State.Authorization;
import dev.postern.pop3.State.AwaitingCommand;
import dev.postern.pop3.State.Client;
import dev.postern.pop3.State.Closed;
import dev.postern.pop3.State.ClosedDoor;
import dev.postern.pop3.State.Connected;
import dev.postern.pop3.State.Connecting;
import dev.postern.pop3.State.Deciding;
import dev.postern.pop3.State.Exchange;
import dev.postern.pop3.State.LoggingIn;
import dev.postern.pop3.State.Pausing;
import dev.postern.pop3.State.Transaction;
import dev.postern.pop3.State.Upgrading;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;

/** One POP3 session. {@link State} draws the way it takes. */
final class Pop3Dialogue implements Dialogue {
  private final SessionFacts facts;
  private final Terms terms;
  private final Answers answers;
  private final CommandsBeforeLogin commands;
  private final Login login;
  private State state = new Connected(false);

  Pop3Dialogue(SessionFacts facts, Terms terms) {
    this.facts = facts;
    this.terms = terms;
    answers = new Answers(terms);
    commands =
        new CommandsBeforeLogin(
            facts, terms, answers, new Capabilities(facts.offer().capabilities(), terms.deep()));
    login = new Login(facts, terms, answers);
  }

  @Override
  public List<Effect> on(Signal signal) {
    Turn turn = state instanceof Closed ? ignored() : turn(signal);
    state = turn.next();
    return turn.effects();
  }

  private Turn turn(Signal signal) {
    return switch (signal) {
      case Signal.Ready s -> ready(s);
      case Signal.Refused s -> Turn.close(EndReason.LIMIT, Answers.refused(s.limit()));
      case Signal.ClientTls s -> clientTls(s);
      case Signal.ClientLine s -> clientLine(s.line());
      case Signal.ClientViolation s -> violated(s.violation());
      case Signal.Decided s ->
          state instanceof Deciding d ? login.decided(d, s.decision()) : ignored();
      case Signal.BackendConnected s ->
          state instanceof Connecting c ? login.connected(c) : ignored();
      case Signal.BackendLine s ->
          state instanceof AtBackend b ? login.line(b, s.line()) : ignored();
      case Signal.BackendLost s -> backendLost(s.loss());
      case Signal.Resumed s -> state instanceof Pausing p ? login.resumed(p) : ignored();
      case Signal.ClientUnit s ->
          // The relay has noted that the answer to this NOOP is the proxy's refusal.
          state instanceof Transaction t ? Turn.to(t, Effect.toBackend("NOOP\r\n")) : ignored();
      case Signal.BackendUnit s ->
          state instanceof Transaction t ? rewritten(t, s.unit()) : ignored();
      case Signal.TimedOut s -> timedOut(s.limit());
      case Signal.Shutdown s -> shutdown();
      // Never asked for.
      case Signal.ClientOctets s -> ignored();
      case Signal.BodyDone s -> ignored();
    };
  }

  /** What comes too late, or was not asked for, changes nothing. */
  private Turn ignored() {
    return Turn.to(state);
  }

  private Turn ready(Signal.Ready signal) {
    if (!(state instanceof Connected connected)) {
      return ignored();
    }
    return connected.draining()
        ? Turn.close(EndReason.SHUTDOWN, Answers.SHUTTING_DOWN)
        : Turn.answer(
            awaiting(new Client(signal.tls(), 0, false), signal.loginPossible()),
            answers.greeting());
  }

  private Turn clientTls(Signal.ClientTls signal) {
    if (!(state instanceof Upgrading upgrading)) {
      return ignored();
    }
    // All that was said in clear is forgotten, a USER too (RFC 2595 §4).
    Client client = new Client(Optional.of(signal.tls()), upgrading.badCommands(), false);
    return upgrading.draining()
        ? Turn.close(EndReason.SHUTDOWN, Answers.SHUTTING_DOWN)
        : Turn.to(awaiting(client, signal.loginPossible()), Effect.READ_LINE);
  }

  private static AwaitingCommand awaiting(Client client, boolean loginPossible) {
    return loginPossible ? new Authorization(client, Optional.empty()) : new ClosedDoor(client);
  }

  private Turn clientLine(ByteBuf line) {
    return switch (state) {
      case AwaitingCommand s -> commands.command(s, line);
      case Exchange s -> commands.response(s, line);
      default -> ignored();
    };
  }

  private Turn violated(WireViolation violation) {
    // Here the upgrade was called off: the channel is still in clear.
    boolean calledOff = violation == WireViolation.PLAINTEXT_BEHIND_STARTTLS;
    Turn end =
        (canSpeak() || calledOff) && violation != WireViolation.FOREIGN_PROTOCOL
            ? Turn.close(EndReason.VIOLATION, Answers.violated(violation))
            : Turn.close(EndReason.VIOLATION);
    return givenUp(end).after(new Effect.Emit(new SessionEvent.Violated(violation)));
  }

  private Turn timedOut(Limit limit) {
    return givenUp(
        canSpeak()
            ? Turn.close(EndReason.TIMEOUT, Answers.timedOut(limit))
            : Turn.close(EndReason.TIMEOUT));
  }

  private Turn shutdown() {
    return switch (state) {
      case Connected s -> Turn.to(new Connected(true));
      case Upgrading s -> Turn.to(new Upgrading(s.badCommands(), true));
      default ->
          givenUp(
              canSpeak()
                  ? Turn.close(EndReason.SHUTDOWN, Answers.SHUTTING_DOWN)
                  : Turn.close(EndReason.SHUTDOWN));
    };
  }

  /** Accounts for a login that the end of the session cuts short. */
  private Turn givenUp(Turn end) {
    return state instanceof LoggingIn s
        ? end.afterEnd(s.credentials(), LoginOutcome.UNAVAILABLE)
        : end;
  }

  /**
   * Says whether a line to the client would be read as one: no handshake under way, no response
   * half passed.
   */
  private boolean canSpeak() {
    return switch (state) {
      case Connected s -> facts.mode() == TlsMode.STARTTLS;
      case Upgrading s -> false;
      case Transaction s -> s.relay().betweenResponses();
      case AwaitingCommand s -> true;
      case Exchange s -> true;
      case LoggingIn s -> true;
      case Pausing s -> true;
      case Closed s -> false;
    };
  }

  private Turn backendLost(BackendLoss loss) {
    return switch (state) {
      case Connecting s -> login.lost(s);
      case AtBackend s -> login.lost(s);
      case Transaction s -> {
        if (s.relay().quit()) {
          yield Turn.close(EndReason.LOGOUT);
        }
        EndReason reason =
            loss == BackendLoss.CLOSED ? EndReason.BACKEND_CLOSED : EndReason.BACKEND_FAILED;
        yield canSpeak() ? Turn.close(reason, Answers.BACKEND_GONE) : Turn.close(reason);
      }
      default -> ignored();
    };
  }

  private Turn rewritten(Transaction s, ByteBuf unit) {
    return switch (s.relay().lifted()) {
      case CAPA ->
          Turn.to(
              s,
              Effect.reply(
                  new Capabilities(Capabilities.listed(unit.toString(UTF_8)), terms.deep())
                      .afterLogin()));
      case REFUSED -> Turn.to(s, Effect.reply(Answers.AFTER_LOGIN));
      case SINGLE, MULTI -> ignored();
    };
  }
}
