package dev.postern.core.policy;

import java.time.LocalDate;
import java.util.Optional;

/**
 * One line of policy (CCO-4.1a, CCO-4.1e).
 *
 * @param name unique; stands in metrics and in the audit log
 * @param reason why the rule is there, for whoever reads it next year
 * @param until last day on which it is in force
 * @param when which logins it is about
 * @param then what it says of them
 * @param bareNewlines what becomes of their messages with a CR or LF of its own
 * @param withoutLogin whether it is about clients that send mail without a login, and about no
 *     login: who need not log in is not therefore let in with a password in clear
 */
public record Rule(
    String name,
    String reason,
    Optional<LocalDate> until,
    Conditions when,
    Outcome then,
    BareNewlines bareNewlines,
    boolean withoutLogin) {

  /** A rule about logins that leaves messages to the standard. */
  public Rule(
      String name, String reason, Optional<LocalDate> until, Conditions when, Outcome then) {
    this(name, reason, until, when, then, BareNewlines.REJECT, false);
  }

  /** Says whether the rule is in force on a day. */
  public boolean inForce(LocalDate today) {
    return until.isEmpty() || !today.isAfter(until.get());
  }

  /** Says whether the rule is about this login, the user's groups aside. */
  boolean matchesButForGroups(PolicyInput input) {
    return !withoutLogin
        && inForce(input.today())
        && when.channelMatches(input)
        && when.mechanismMatches(input)
        && when.nameMatches(input);
  }

  boolean matches(PolicyInput input) {
    return matchesButForGroups(input) && when.groupsMatch(input);
  }

  /**
   * Says whether the rule is about a client that sends mail without a login. One that shuts out
   * everybody who is where the client is, shuts it out too.
   */
  boolean matchesWithoutLogin(PolicyInput input) {
    return (withoutLogin || (then == Outcome.DENY && !when.askForUser() && !when.askForMechanism()))
        && inForce(input.today())
        && when.channelMatches(input);
  }

  Decision decide(PolicyInput input) {
    return switch (then) {
      case ALLOW -> new Decision.Allow(name, bareNewlines);
      case WARN -> new Decision.Warn(name, reasonFor(input), bareNewlines);
      case DENY -> new Decision.Deny(name, reasonFor(input));
    };
  }

  // On cleartext there is one reason only: whoever listens must learn nothing from a denial
  // (CCO-4.1b).
  private DenialReason reasonFor(PolicyInput input) {
    if (input.tls().isEmpty()) {
      return DenialReason.TLS_REQUIRED;
    }
    return when.protection().orElse(null) instanceof Protection.TlsBelow
        ? DenialReason.TLS_TOO_OLD
        : DenialReason.RULE;
  }
}
