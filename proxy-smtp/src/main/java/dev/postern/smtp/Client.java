package dev.postern.smtp;

import dev.postern.core.policy.BareNewlines;
import dev.postern.core.tls.TlsFacts;
import java.util.Optional;

/**
 * What is known of the client so far.
 *
 * @param tls the channel's TLS; empty on cleartext
 * @param loginPossible whether policy could let anybody on this connection log in
 * @param introduction how it has introduced itself
 * @param sent how much it has sent
 * @param admission what policy has let it do
 * @param report what its last CLIENT command said
 */
record Client(
    Optional<TlsFacts> tls,
    boolean loginPossible,
    Introduction introduction,
    Count sent,
    Admission admission,
    Optional<ClientReport> report) {

  /**
   * EHLO or HELO.
   *
   * @param name the argument, one character an octet; empty before
   * @param extended whether that was EHLO
   */
  record Introduction(String name, boolean extended) {
    private static final Introduction NONE = new Introduction("", false);
  }

  /**
   * What counts against limits.
   *
   * @param badCommands commands that were none, since a message was last accepted
   * @param messages messages
   */
  record Count(int badCommands, int messages) {
    private static final Count NOTHING = new Count(0, 0);
  }

  /**
   * What policy says of it.
   *
   * @param bareNewlines what becomes of those of its messages that have a CR or LF of its own
   * @param withoutLogin whether it sends mail without a login
   */
  record Admission(BareNewlines bareNewlines, boolean withoutLogin) {
    private static final Admission NONE = new Admission(BareNewlines.REJECT, false);
  }

  /** A client that has said nothing. */
  static Client connected(Optional<TlsFacts> tls, boolean loginPossible) {
    return new Client(
        tls, loginPossible, Introduction.NONE, Count.NOTHING, Admission.NONE, Optional.empty());
  }

  /**
   * Forgets what was said in clear (RFC 3207 §4.2); bad commands were no information and stay
   * counted.
   */
  Client secured(TlsFacts facts, boolean login) {
    return new Client(
        Optional.of(facts), login, Introduction.NONE, sent, admission, Optional.empty());
  }

  Client introduced(String name, boolean ehlo) {
    return new Client(tls, loginPossible, new Introduction(name, ehlo), sent, admission, report);
  }

  Client reported(ClientReport said) {
    return new Client(tls, loginPossible, introduction, sent, admission, Optional.of(said));
  }

  Client oneMoreBadCommand() {
    return sent(new Count(sent.badCommands() + 1, sent.messages()));
  }

  /**
   * A message was sent.
   *
   * @param accepted whether the backend has taken it: that makes up for bad commands before
   */
  Client oneMoreMessage(boolean accepted) {
    return sent(new Count(accepted ? 0 : sent.badCommands(), sent.messages() + 1));
  }

  private Client sent(Count more) {
    return new Client(tls, loginPossible, introduction, more, admission, report);
  }

  /**
   * Policy has let it in.
   *
   * @param newlines what becomes of its messages with a CR or LF of its own
   * @param unknown whether that is without a login
   */
  Client admitted(BareNewlines newlines, boolean unknown) {
    return admitted(new Admission(newlines, unknown));
  }

  /** No backend could take it: what policy said of it holds no longer. */
  Client turnedAway() {
    return admitted(Admission.NONE);
  }

  private Client admitted(Admission now) {
    return new Client(tls, loginPossible, introduction, sent, now, report);
  }

  /** Returns the name it has introduced itself with; empty before. */
  String helo() {
    return introduction.name();
  }

  /** Says whether it has introduced itself with EHLO. */
  boolean extended() {
    return introduction.extended();
  }

  /** Says whether policy has let it send mail without a login. */
  boolean withoutLogin() {
    return admission.withoutLogin();
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
    return !helo().isEmpty() && helo().chars().allMatch(c -> c > ' ' && c < 0x7f);
  }
}
