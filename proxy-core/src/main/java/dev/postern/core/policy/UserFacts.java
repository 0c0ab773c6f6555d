package dev.postern.core.policy;

import java.util.Set;

/**
 * What a user directory knows of one user, as far as rules ask for it.
 *
 * @param known whether the directory has the user
 * @param groups names of groups that rules may refer to
 */
public record UserFacts(boolean known, Set<String> groups) {

  /** The facts of a user of whom nothing is known. */
  public static final UserFacts NONE = new UserFacts(false, Set.of());

  public UserFacts {
    groups = Set.copyOf(groups);
  }
}
