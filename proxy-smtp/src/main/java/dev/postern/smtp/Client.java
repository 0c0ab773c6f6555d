package dev.postern.smtp;

import dev.postern.core.policy.BareNewlines;
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
 * @param messages how many it has sent
 * @param bareNewlines what becomes of those of its messages that have a CR or LF of its own
 * @param report what its last CLIENT command said
 */
record Client(
    Optional<TlsFacts> tls,
    boolean loginPossible,
    String helo,
    boolean extended,
    int badCommands,
    int messages,
    BareNewlines bareNewlines,
    Optional<ClientReport> report) {

  /** A client that has said nothing. */
  static Client connected(Optional<TlsFacts> tls, boolean loginPossible) {
    return new Client(tls, loginPossible, "", false, 0, 0, BareNewlines.REJECT, Optional.empty());
  }

  /**
   * Forgets what was said in clear (RFC 3207 §4.2); bad commands were no information and stay
   * counted.
   */
  Client secured(TlsFacts facts, boolean login) {
    return new Client(
        Optional.of(facts),
        login,
        "",
        false,
        badCommands,
        messages,
        bareNewlines,
        Optional.empty());
  }

  Client introduced(String name, boolean ehlo) {
    return new Client(tls, loginPossible, name, ehlo, badCommands, messages, bareNewlines, report);
  }

  Client reported(ClientReport said) {
    return new Client(
        tls, loginPossible, helo, extended, badCommands, messages, bareNewlines, Optional.of(said));
  }

  Client oneMoreBadCommand() {
    return new Client(
        tls, loginPossible, helo, extended, badCommands + 1, messages, bareNewlines, report);
  }

  Client oneMoreMessage() {
    return new Client(
        tls, loginPossible, helo, extended, badCommands, messages + 1, bareNewlines, report);
  }

  /** Policy has let it in. */
  Client admitted(BareNewlines newlines) {
    return new Client(tls, loginPossible, helo, extended, badCommands, messages, newlines, report);
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
