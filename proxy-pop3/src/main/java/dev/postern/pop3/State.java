package dev.postern.pop3;

import dev.postern.core.sasl.Credentials;
import dev.postern.core.sasl.SaslExchange;
import dev.postern.core.tls.TlsFacts;
import java.util.Optional;

/**
 * Where a session stands.
 *
 * <pre>
 *   Connected ──▶ ClosedDoor ──STLS──▶ Upgrading ──▶ ClosedDoor or Authorization
 *       │
 *       └───────▶ Authorization ──AUTH──▶ Exchange
 *                   ▲   │ PASS               │
 *                   │   ▼                    ▼
 *                   │ Deciding ◀─────────────┘
 *                   │   │
 *                   │   ▼
 *                   │ Connecting ──▶ AtBackend ──▶ Transaction ──▶ Closed
 *                   │                    │
 *                   └───── Pausing ◀─────┘
 * </pre>
 *
 * {@link ClosedDoor} has no way to credentials: on a connection where policy lets nobody in there
 * is nothing to forget.
 */
sealed interface State {

  /**
   * The client as known before login.
   *
   * @param tls the channel's TLS
   * @param badCommands bad commands so far
   * @param spoken whether the client has sent a line on this channel
   */
  record Client(Optional<TlsFacts> tls, int badCommands, boolean spoken) {
    Client withBadCommand() {
      return new Client(tls, badCommands + 1, spoken);
    }

    Client withSpoken() {
      return spoken ? this : new Client(tls, badCommands, true);
    }
  }

  /** A state in which the client may send a command before login. */
  sealed interface AwaitingCommand extends State {
    Client client();

    AwaitingCommand with(Client client);
  }

  /** A state in which a login is under way and the client waits for its one answer. */
  sealed interface LoggingIn extends State {
    Client client();

    Credentials credentials();
  }

  /**
   * Not greeted yet.
   *
   * @param draining whether the proxy began to shut down meanwhile
   */
  record Connected(boolean draining) implements State {}

  /** RFC 1939 AUTHORIZATION, on a connection where policy lets nobody log in. */
  record ClosedDoor(Client client) implements AwaitingCommand {
    @Override
    public ClosedDoor with(Client client) {
      return new ClosedDoor(client);
    }
  }

  /**
   * RFC 1939 AUTHORIZATION.
   *
   * @param user given by USER
   */
  record Authorization(Client client, Optional<String> user) implements AwaitingCommand {
    @Override
    public Authorization with(Client client) {
      return new Authorization(client, user);
    }
  }

  /**
   * Waiting for the TLS handshake.
   *
   * @param badCommands bad commands so far: STLS must not be a way to forget them
   * @param draining whether the proxy began to shut down meanwhile
   */
  record Upgrading(int badCommands, boolean draining) implements State {}

  /** In a SASL exchange: the client owes a response. */
  record Exchange(Client client, String mechanism, SaslExchange next) implements State {}

  /** Waiting for policy. */
  record Deciding(Client client, Credentials credentials) implements LoggingIn {}

  /** Waiting for the connection to the backend. */
  record Connecting(Client client, Credentials credentials) implements LoggingIn {}

  /** Logging in at the backend. */
  record AtBackend(Client client, Credentials credentials, BackendLogin login)
      implements LoggingIn {}

  /**
   * Holding the answer to a failed login back.
   *
   * @param answer CRLF included
   */
  record Pausing(Client client, String answer) implements State {}

  /** RFC 1939 TRANSACTION: passing through. */
  record Transaction(Pop3Relay relay) implements State {}

  /** Over. */
  record Closed() implements State {}
}
