package dev.postern.core.session;

import dev.postern.core.policy.Policy;
import dev.postern.core.policy.UserDirectory;
import dev.postern.core.sasl.MasterUser;
import dev.postern.core.snapshot.Terms;
import java.util.List;

/**
 * The configuration in force, compiled. A session keeps the snapshot it was accepted with; a reload
 * swaps the one reference that new sessions read.
 *
 * @param terms what dialogues may see
 * @param policy who may log in over which channel
 * @param directory what is known of users; asked only where the policy depends on it
 * @param masters the accounts of all backends that the proxy uses for clients with a certificate,
 *     and no client itself: backends of different protocols often know the same accounts
 */
public record Snapshot(
    Terms terms, Policy policy, UserDirectory directory, List<MasterUser> masters) {
  public Snapshot {
    masters = List.copyOf(masters);
  }
}
