package dev.postern.imap;

import dev.postern.core.tls.TlsFacts;
import java.util.Optional;

/**
 * What is known of the client on its present channel.
 *
 * @param tls the channel's TLS; empty on cleartext
 * @param loginPossible whether policy could let anybody log in on this channel
 * @param id what the client says of itself
 * @param badCommands commands that could not be taken, all channels of the session together
 * @param silent whether the client has not yet said anything
 */
record Client(
    Optional<TlsFacts> tls, boolean loginPossible, ClientId id, int badCommands, boolean silent) {

  static Client fresh(Optional<TlsFacts> tls, boolean loginPossible) {
    return new Client(tls, loginPossible, ClientId.NONE, 0, true);
  }

  /**
   * Returns the client behind TLS: nothing that it said in clear is believed any more (RFC 9051
   * §6.2.1).
   */
  Client protectedBy(TlsFacts negotiated, boolean possible) {
    return new Client(Optional.of(negotiated), possible, ClientId.NONE, badCommands, true);
  }

  Client identified(ClientId as) {
    return new Client(tls, loginPossible, as, badCommands, silent);
  }

  Client withOneMoreBadCommand() {
    return new Client(tls, loginPossible, id, badCommands + 1, silent);
  }

  Client heard() {
    return silent ? new Client(tls, loginPossible, id, badCommands, false) : this;
  }

  /** Returns the state in which this client gives commands. */
  PreLogin ready() {
    return loginPossible ? new PreAuth(this) : new PreTls(this);
  }
}
