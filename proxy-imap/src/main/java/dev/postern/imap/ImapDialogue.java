package dev.postern.imap;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.LoginOutcome;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Dialogue;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import dev.postern.core.wire.WireViolation;
import java.util.ArrayList;
import java.util.List;

/**
 * An IMAP session: asks its {@link State} about what happens, and ends it in whatever state it is.
 */
final class ImapDialogue implements Dialogue {
  private final Session session;
  private State state = new Fresh();

  ImapDialogue(Session session) {
    this.session = session;
  }

  @Override
  public List<Effect> on(Signal signal) {
    return switch (signal) {
      // The greeting itself may be a BYE (RFC 9051 §7.1.5).
      case Signal.Refused refused ->
          end("* BYE [LIMIT] Too many connections\r\n", EndReason.LIMIT, LoginOutcome.UNAVAILABLE);
      case Signal.TimedOut timedOut ->
          end(
              may("* BYE Autologout: too long without a command\r\n"),
              EndReason.TIMEOUT,
              LoginOutcome.UNAVAILABLE);
      case Signal.Shutdown shutdown ->
          end(
              may("* BYE [UNAVAILABLE] The server is shutting down: connect again\r\n"),
              EndReason.SHUTDOWN,
              LoginOutcome.UNAVAILABLE);
      case Signal.ClientViolation(WireViolation violation) -> violated(violation);
      default -> {
        Turn turn = state.on(signal, session);
        state = turn.next();
        yield turn.effects();
      }
    };
  }

  private List<Effect> violated(WireViolation violation) {
    List<Effect> effects = new ArrayList<>(3);
    effects.add(new Effect.Emit(new SessionEvent.Violated(violation)));
    effects.addAll(
        end(
            switch (violation) {
              case PLAINTEXT_BEHIND_STARTTLS ->
                  state instanceof AwaitingTls asked
                      ? asked.tag() + " BAD Data behind STARTTLS\r\n"
                      : "";
              // To answer would only serve who makes a browser speak to mail servers.
              case FOREIGN_PROTOCOL -> "";
              case LINE_TOO_LONG -> may("* BYE [LIMIT] The line is too long\r\n");
              case LITERAL_TOO_LARGE ->
                  may("* BYE [LIMIT] The literal is too large, or one too many\r\n");
              case TOO_MANY_OCTETS -> may("* BYE [LIMIT] Too much data before login\r\n");
              case BARE_CR, BARE_LF, NUL, MALFORMED -> may("* BYE Invalid data\r\n");
            },
            EndReason.VIOLATION,
            LoginOutcome.CANCELLED));
    return effects;
  }

  private String may(String line) {
    return state.mayReply(session) ? line : "";
  }

  /** Ends the session; a login that this cuts short has an outcome nevertheless. */
  private List<Effect> end(String farewell, EndReason reason, LoginOutcome cutShort) {
    List<Effect> effects = new ArrayList<>(3);
    if (state instanceof BackendLogin login) {
      login.cutShort(cutShort).ifPresent(effects::add);
    }
    if (!farewell.isEmpty() && !(state instanceof Closing)) {
      effects.add(Effect.reply(farewell));
    }
    state = new Closing();
    effects.add(new Effect.Close(reason));
    return effects;
  }
}
