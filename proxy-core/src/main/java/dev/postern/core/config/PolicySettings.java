package dev.postern.core.config;

import dev.postern.core.policy.Policy;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Who may log in over which channel.
 *
 * @param directory file that says which groups a user is in; present whenever a rule asks for
 *     groups
 * @param policy the rules
 */
public record PolicySettings(Optional<Path> directory, Policy policy) {

  /** The settings of a configuration that says nothing: no exceptions to TLS 1.2. */
  public static final PolicySettings DEFAULT = new PolicySettings(Optional.empty(), Policy.DEFAULT);
}
