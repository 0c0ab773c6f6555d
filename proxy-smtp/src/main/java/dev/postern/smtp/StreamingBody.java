package dev.postern.smtp;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.EndReason;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import dev.postern.core.wire.BodyOutcome;
import io.netty.buffer.ByteBuf;
import java.util.Optional;

/**
 * A message, or a chunk of one, goes to the backend. Nothing is said to the client before it has
 * sent all of it, unless the session ends.
 *
 * @param piece what goes there
 * @param early what the backend has answered too soon
 * @param closing whether the proxy has begun to shut down
 */
record StreamingBody(
    Login login,
    Client client,
    Transaction transaction,
    Piece piece,
    BackendReply early,
    boolean closing)
    implements State {

  @Override
  public Session session() {
    return login.session();
  }

  @Override
  public boolean isMidMessage() {
    return true;
  }

  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.BodyDone b -> done(b.outcome());
      case Signal.BackendLine l -> tooSoon(l.line());
      case Signal.BackendLost l ->
          early.whole() ? failed(early.verbatim(), early.code()) : failed(Replies.LOST_MESSAGE, 0);
      case Signal.TimedOut t -> over(Farewell.timedOut(transaction, Replies.MESSAGE_TIMED_OUT));
      case Signal.Shutdown s ->
          Next.to(new StreamingBody(login, client, transaction, piece, early, true));
      default -> ignored();
    };
  }

  @Override
  public Optional<SessionEvent> cutOff() {
    return Optional.of(transaction.submitted(0, false));
  }

  private Next done(BodyOutcome outcome) {
    return switch (outcome) {
      case BodyOutcome.Complete c -> complete(c);
      case BodyOutcome.TooLarge t -> over(Farewell.tooLarge(transaction.grown(t.octets())));
      case BodyOutcome.Violated v ->
          // No end-of-data was sent: without it the backend delivers nothing, so it must not hear
          // another octet.
          Next.to(
              new Over(session()),
              Effect.LEAVE_BACKEND,
              new Effect.Emit(new SessionEvent.Violated(v.violation())),
              new Effect.Emit(transaction.grown(v.octets()).submitted(550, false)),
              Effect.reply(Replies.BARE_CR_OR_LF),
              new Effect.Close(EndReason.VIOLATION));
    };
  }

  private Next complete(BodyOutcome.Complete body) {
    Next next =
        new AwaitingVerdict(login, client, transaction.grown(body.octets()), piece, early, closing)
            .begin();
    return body.normalized().map(m -> next.after(new SessionEvent.Normalized(m))).orElse(next);
  }

  /**
   * The backend answers before the end. A refusal is kept until the client can hear it. Anything
   * else means that the backend has seen an end where there is none, and takes the rest of the
   * message for commands.
   */
  private Next tooSoon(ByteBuf line) {
    Optional<BackendReply> reply = early.whole() ? Optional.empty() : early.plus(line);
    if (reply.isEmpty() || reply.get().code() < 400) {
      return failed(Replies.NO_VERDICT, 0, new SessionEvent.BackendFailed(BackendLoss.PROTOCOL));
    }
    if (reply.get().whole() && reply.get().code() == 421) {
      return failed(reply.get().verbatim(), 421);
    }
    return Next.to(new StreamingBody(login, client, transaction, piece, reply.get(), closing));
  }

  private Next failed(String reply, int code, SessionEvent... before) {
    return over(Farewell.withoutVerdict(transaction, reply, code, before));
  }
}
