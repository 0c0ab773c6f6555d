package dev.postern.core.policy;

import dev.postern.core.tls.TlsVersion;
import java.util.List;

/**
 * The rules, in order; the first that matches decides. When none does, cleartext and anything older
 * than TLS 1.2 (RFC 8997 §3) are denied, so that a user nobody has thought of is held to the
 * strictest rule (CCO-4.1e).
 *
 * @param rules the rules
 */
public record Policy(List<Rule> rules) {

  /** Name of the rule that decides when no other does. */
  public static final String DEFAULT_RULE = "default";

  /** Oldest version that may be used without a rule that says so. */
  public static final TlsVersion FLOOR = TlsVersion.TLS_1_2;

  /** The policy without exceptions. */
  public static final Policy DEFAULT = new Policy(List.of());

  public Policy {
    rules = List.copyOf(rules);
  }

  /**
   * Decides on a login. A rule that asks for something not yet known, the user for instance, does
   * not match.
   */
  public Decision decide(PolicyInput input) {
    for (Rule rule : rules) {
      if (rule.matches(input)) {
        return rule.decide(input);
      }
    }
    return byDefault(input);
  }

  /**
   * Decides on a client that sends mail and has not logged in. Only a rule that says so permits it,
   * whatever the channel.
   *
   * @param client the input; nothing is known of a user or a mechanism
   */
  public Decision decideWithoutLogin(PolicyInput client) {
    for (Rule rule : rules) {
      if (rule.matchesWithoutLogin(client)) {
        return rule.decide(client);
      }
    }
    return new Decision.Deny(
        DEFAULT_RULE, client.tls().isEmpty() ? DenialReason.TLS_REQUIRED : DenialReason.RULE);
  }

  /**
   * Says whether anybody could be let in on a connection, which is what may be advertised there.
   * Whom a rule is about is not known yet: one that lets some users in may turn out to be about
   * this one, one that keeps some out may not. The same holds for the mechanism as long as the
   * input does not say it.
   *
   * @param withoutUser the input; its user and facts are not looked at
   */
  public boolean admitsSomeone(PolicyInput withoutUser) {
    for (Rule rule : rules) {
      Conditions when = rule.when();
      if (rule.withoutLogin()
          || !rule.inForce(withoutUser.today())
          || !when.channelMatches(withoutUser)) {
        continue;
      }
      boolean mechanismOpen = withoutUser.mechanism().isEmpty() && when.askForMechanism();
      if (!mechanismOpen && !when.mechanismMatches(withoutUser)) {
        continue;
      }
      if (rule.then() != Outcome.DENY) {
        return true;
      }
      if (!mechanismOpen && !when.askForUser()) {
        return false;
      }
    }
    return byDefault(withoutUser).permits();
  }

  /**
   * Says whether the decision on one login depends on the user's groups. Where it does not, a
   * directory that is down need not keep anybody out.
   *
   * @param withoutFacts the input; its facts are not looked at
   */
  public boolean needsDirectory(PolicyInput withoutFacts) {
    for (Rule rule : rules) {
      if (rule.matchesButForGroups(withoutFacts)) {
        return rule.when().askForGroups();
      }
    }
    return false;
  }

  private static Decision byDefault(PolicyInput input) {
    if (input.tls().isEmpty()) {
      return new Decision.Deny(DEFAULT_RULE, DenialReason.TLS_REQUIRED);
    }
    if (input.tls().get().version().compareTo(FLOOR) < 0) {
      return new Decision.Deny(DEFAULT_RULE, DenialReason.TLS_TOO_OLD);
    }
    return new Decision.Allow(DEFAULT_RULE);
  }
}
