package dev.postern.smtp;

import dev.postern.core.backend.BackendLoss;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Effect;
import dev.postern.core.protocol.Signal;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A message, or a chunk of one, is with the backend, and only the backend can say whether it is
 * accepted: no reply of the proxy's own ever takes that upon itself.
 *
 * @param piece what the reply is about
 * @param partial what has come of the reply
 * @param closing whether the proxy has begun to shut down
 */
record AwaitingVerdict(
    Login login,
    Client client,
    Transaction transaction,
    Piece piece,
    BackendReply partial,
    boolean closing)
    implements State {

  @Override
  public Session session() {
    return login.session();
  }

  /** The backend may take the message all the same; nobody will hear of it. */
  @Override
  public Optional<SessionEvent> cutOff() {
    return Optional.of(transaction.submitted(0, false));
  }

  /** Begins; the reply may have come already. */
  Next begin() {
    return partial.whole()
        ? verdict(partial, piece instanceof Piece.Body)
        : Next.to(this, session().waitingForVerdict());
  }

  @Override
  public boolean isMidMessage() {
    return true;
  }

  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.BackendLine l -> line(l.line());
      case Signal.BackendLost l ->
          over(Farewell.withoutVerdict(transaction, Replies.NO_VERDICT, 0));
      case Signal.TimedOut t -> over(Farewell.timedOut(transaction, Replies.VERDICT_TIMED_OUT));
      case Signal.Shutdown s ->
          Next.to(new AwaitingVerdict(login, client, transaction, piece, partial, true));
      default -> ignored();
    };
  }

  private Next line(ByteBuf line) {
    Optional<BackendReply> reply = partial.plus(line);
    if (reply.isEmpty()) {
      return over(
          Farewell.withoutVerdict(
              transaction,
              Replies.NO_VERDICT,
              0,
              new SessionEvent.BackendFailed(BackendLoss.PROTOCOL)));
    }
    return reply.get().whole()
        ? verdict(reply.get(), false)
        : Next.to(new AwaitingVerdict(login, client, transaction, piece, reply.get(), closing));
  }

  /**
   * Passes the verdict on.
   *
   * @param early whether it came before the end of data; then that may be answered as well
   */
  private Next verdict(BackendReply reply, boolean early) {
    if (reply.code() == 421) {
      return over(Farewell.withoutVerdict(transaction, reply.verbatim(), 421));
    }
    if (piece instanceof Piece.Field field && reply.isPositive()) {
      return new AwaitingVerdict(
              login,
              client,
              transaction.inChunks(),
              new Piece.Chunk(field.next().last()),
              BackendReply.NONE,
              closing)
          .asking(field.next());
    }
    List<Effect> effects = new ArrayList<>(5);
    effects.add(session().waitingForClient());
    if (piece.completes()) {
      effects.add(new Effect.Emit(transaction.submitted(reply.code(), reply.isPositive())));
    }
    effects.add(new Effect.Reply(Lines.octets(reply.verbatim())));
    Relaying rest =
        new Relaying(
            login,
            piece.completes() ? client.oneMoreMessage(reply.isPositive()) : client,
            early ? Transaction.NONE : after(reply.isPositive()),
            Outstanding.NOTHING,
            BackendReply.NONE,
            false,
            closing);
    Next next = early ? new Turn(rest).agree() : new Turn(rest).resume();
    effects.addAll(next.effects());
    return new Next(next.state(), effects);
  }

  /** Sends BURL; the URL is as good as a key to what it names, so only the buffer holds it. */
  Next asking(Outstanding.Entry.Burl burl) {
    return Next.to(
        this,
        session().waitingForVerdict(),
        new Effect.ToBackend(Lines.secret("BURL ", burl.arguments().reveal())));
  }

  /**
   * The end of data ends a transaction, however it is answered (RFC 5321 §4.1.1.4). A refused chunk
   * need not: recipients may have been missing.
   */
  private Transaction after(boolean accepted) {
    if (piece instanceof Piece.Body || (accepted && piece.completes())) {
      return Transaction.NONE;
    }
    return accepted ? transaction.inChunks() : transaction.withoutChunks();
  }
}
