package dev.postern.core.policy;

import static java.util.stream.Collectors.toUnmodifiableSet;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a rule asks of a login. Each condition that is set must hold; one that is empty always does.
 * Of several values in one condition, one is enough.
 *
 * @param services names of services
 * @param listeners names of listeners
 * @param networks where the client is
 * @param users names as clients give them, without regard to case: a rule must not be evaded by
 *     writing {@code Scanner} for {@code scanner}, which backends take for the same user
 * @param domains what stands behind the last {@code @} of the user's name, without regard to case
 * @param groups groups of the user's facts, exactly
 * @param protection how well the channel is protected
 * @param mechanisms SASL mechanisms, or {@code LOGIN} and {@code USER} for the protocols' own
 *     commands, without regard to case
 */
public record Conditions(
    Set<String> services,
    Set<String> listeners,
    List<Network> networks,
    Set<String> users,
    Set<String> domains,
    Set<String> groups,
    Optional<Protection> protection,
    Set<String> mechanisms) {

  /** The conditions that every login meets. */
  public static final Conditions NONE =
      new Conditions(
          Set.of(), Set.of(), List.of(), Set.of(), Set.of(), Set.of(), Optional.empty(), Set.of());

  public Conditions {
    services = Set.copyOf(services);
    listeners = Set.copyOf(listeners);
    networks = List.copyOf(networks);
    users = users.stream().map(Conditions::folded).collect(toUnmodifiableSet());
    domains = domains.stream().map(Conditions::folded).collect(toUnmodifiableSet());
    groups = Set.copyOf(groups);
    mechanisms = mechanisms.stream().map(Conditions::upper).collect(toUnmodifiableSet());
  }

  /** Says whether some of the conditions can only be told once the user is known. */
  boolean askForUser() {
    return !users.isEmpty() || !domains.isEmpty() || !groups.isEmpty();
  }

  boolean askForGroups() {
    return !groups.isEmpty();
  }

  boolean askForMechanism() {
    return !mechanisms.isEmpty();
  }

  /** Says whether the conditions that can be told of any connection hold. */
  boolean channelMatches(PolicyInput input) {
    return (services.isEmpty() || services.contains(input.service()))
        && (listeners.isEmpty() || listeners.contains(input.listener()))
        && (networks.isEmpty() || isInNetworks(input.client()))
        && (protection.isEmpty() || protection.get().describes(input.tls()));
  }

  boolean mechanismMatches(PolicyInput input) {
    return mechanisms.isEmpty()
        || (input.mechanism().isPresent() && mechanisms.contains(upper(input.mechanism().get())));
  }

  boolean nameMatches(PolicyInput input) {
    if (users.isEmpty() && domains.isEmpty()) {
      return true;
    }
    if (input.user().isEmpty()) {
      return false;
    }
    String user = folded(input.user().get());
    return (users.isEmpty() || users.contains(user))
        && (domains.isEmpty() || domains.contains(domain(user)));
  }

  boolean groupsMatch(PolicyInput input) {
    if (groups.isEmpty()) {
      return true;
    }
    for (String group : input.facts().groups()) {
      if (groups.contains(group)) {
        return true;
      }
    }
    return false;
  }

  private boolean isInNetworks(InetAddress client) {
    for (Network network : networks) {
      if (network.contains(client)) {
        return true;
      }
    }
    return false;
  }

  private static String domain(String user) {
    // Without an @ this is the empty text, which no rule names.
    int at = user.lastIndexOf('@');
    return at < 0 ? "" : user.substring(at + 1);
  }

  private static String folded(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static String upper(String mechanism) {
    return mechanism.toUpperCase(Locale.ROOT);
  }
}
