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
 * @param withoutLogin whether policy has let it send mail without a login
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
    boolean withoutLogin,
    Optional<ClientReport> report) {

  /** A client that has said nothing. */
  static Client connected(Optional<TlsFacts> tls, boolean loginPossible) {
    return new Client(
        tls, loginPossible, "", false, 0, 0, BareNewlines.REJECT, false, Optional.empty());
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
        withoutLogin,
        Optional.empty());
  }

  Client introduced(String name, boolean ehlo) {
    return new Client(
        tls, loginPossible, name, ehlo, badCommands, messages, bareNewlines, withoutLogin, report);
  }

  Client reported(ClientReport said) {
    return new Client(
        tls,
        loginPossible,
        helo,
        extended,
        badCommands,
        messages,
        bareNewlines,
        withoutLogin,
        Optional.of(said));
  }

  Client oneMoreBadCommand() {
    return new Client(
        tls,
        loginPossible,
        helo,
        extended,
        badCommands + 1,
        messages,
        bareNewlines,
        withoutLogin,
        report);
  }

  Client oneMoreMessage() {
    return new Client(
        tls,
        loginPossible,
        helo,
        extended,
        badCommands,
        messages + 1,
        bareNewlines,
        withoutLogin,
        report);
  }

  /**
   * Policy has let it in.
   *
   * @param newlines what becomes of its messages with a CR or LF of its own
   * @param unknown whether that is without a login
   */
  Client admitted(BareNewlines newlines, boolean unknown) {
    return new Client(
        tls, loginPossible, helo, extended, badCommands, messages, newlines, unknown, report);
  }

  /** No backend could take it: what policy said of it holds no longer. */
  Client turnedAway() {
    return admitted(BareNewlines.REJECT, false);
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
