package dev.postern.smtp;

import dev.postern.core.tls.TlsFacts;
import java.util.Optional;

/**
 * What is known of the client so far.
 *
 * @param tls the channel's TLS; empty on cleartext
 * @param loginPossible whether policy could let anybody on this connection log in
 * @param helo the argument of EHLO or HELO, one character an octet; empty before
 * @param extended whether that was EHLO
 * @param badCommands how many it has sent
 * @param report what its last CLIENT command said
 */
record Client(
    Optional<TlsFacts> tls,
    boolean loginPossible,
    String helo,
    boolean extended,
    int badCommands,
    Optional<ClientReport> report) {

  /** A client that has said nothing. */
  static Client connected(Optional<TlsFacts> tls, boolean loginPossible) {
    return new Client(tls, loginPossible, "", false, 0, Optional.empty());
  }

  /**
   * Forgets what was said in clear (RFC 3207 §4.2); bad commands were no information and stay
   * counted.
   */
  Client secured(TlsFacts facts, boolean login) {
    return new Client(Optional.of(facts), login, "", false, badCommands, Optional.empty());
  }

  Client introduced(String name, boolean ehlo) {
    return new Client(tls, loginPossible, name, ehlo, badCommands, report);
  }

  Client reported(ClientReport said) {
    return new Client(tls, loginPossible, helo, extended, badCommands, Optional.of(said));
  }

  Client oneMoreBadCommand() {
    return new Client(tls, loginPossible, helo, extended, badCommands + 1, report);
  }

  /** Says whether nobody can log in here and STARTTLS is the way out. */
  boolean mustSecure() {
    return tls.isEmpty() && !loginPossible;
  }

  /**
   * Says whether the name given with EHLO is one that may be repeated to a backend: printable
   * ASCII.
   */
  boolean presentable() {
    return !helo.isEmpty() && helo.chars().allMatch(c -> c > ' ' && c < 0x7f);
  }
}
