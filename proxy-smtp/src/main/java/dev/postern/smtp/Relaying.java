package dev.postern.smtp;

import dev.postern.core.event.EndReason;
import dev.postern.core.event.SessionEvent;
import dev.postern.core.protocol.Signal;
import java.util.Optional;

/**
 * Logged in, or let in without: commands go to the backend as they come, replies come back in the
 * order of the commands.
 *
 * @param transaction what the backend has accepted
 * @param outstanding commands without an answer
 * @param partial what has come of the oldest one's answer
 * @param asked whether the client's next line has been asked for
 * @param closing whether the proxy has begun to shut down
 */
record Relaying(
    Login login,
    Client client,
    Transaction transaction,
    Outstanding outstanding,
    BackendReply partial,
    boolean asked,
    boolean closing)
    implements State {

  /** Begins after login; the first line is asked for by whoever begins. */
  static Relaying begin(Login login, Client client) {
    return new Relaying(
        login, client, Transaction.NONE, Outstanding.NOTHING, BackendReply.NONE, true, false);
  }

  /** The proxy has begun to shut down. */
  Relaying shuttingDown() {
    return new Relaying(login, client, transaction, outstanding, partial, asked, true);
  }

  @Override
  public Session session() {
    return login.session();
  }

  @Override
  public boolean isAnswerDue() {
    return !outstanding.isEmpty();
  }

  /** Chunks of a message may be with the backend, which never hears its end. */
  @Override
  public Optional<SessionEvent> cutOff() {
    return transaction.chunked() ? Optional.of(transaction.submitted(0, false)) : Optional.empty();
  }

  @Override
  public Next on(Signal signal) {
    return switch (signal) {
      case Signal.ClientLine l -> new Turn(this).command(l.line());
      case Signal.BackendLine l -> new Turn(this).answer(l.line());
      case Signal.BackendLost l ->
          over(new Farewell(replies().backendLost(), EndReason.BACKEND_CLOSED));
      case Signal.Shutdown s -> new Turn(this).shutdown();
      default -> ignored();
    };
  }
}
