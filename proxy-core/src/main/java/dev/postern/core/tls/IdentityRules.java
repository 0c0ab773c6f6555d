package dev.postern.core.tls;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the user that a certificate stands for (CCO-4.2). Pure. */
final class IdentityRules {
  private final List<IdentityMapping> mappings;
  private final Map<IdentityMapping.Fingerprints, Map<String, String>> users;

  /**
   * Takes rules.
   *
   * @param mappings in the order in which they are tried
   * @param users of each mapping by fingerprints: the user by the fingerprint
   */
  IdentityRules(
      List<IdentityMapping> mappings,
      Map<IdentityMapping.Fingerprints, Map<String, String>> users) {
    this.mappings = List.copyOf(mappings);
    this.users = Map.copyOf(users);
  }

  /**
   * Applies the first rule that finds a name. A rule that finds none, or several and so no reason
   * for one of them, leaves it to the next; a name that cannot be a user's ends the search, since
   * somebody may have crafted it.
   */
  Optional<String> identity(PresentedNames names, String sha256) {
    for (IdentityMapping mapping : mappings) {
      Optional<String> found =
          switch (mapping) {
            case IdentityMapping.Email m -> only(names.emails());
            case IdentityMapping.UserPrincipalName m -> only(names.userPrincipalNames());
            case IdentityMapping.CommonName m -> only(names.commonNames());
            case IdentityMapping.Fingerprints m ->
                Optional.ofNullable(users.getOrDefault(m, Map.of()).get(sha256));
          };
      if (found.isPresent()) {
        return found.filter(Identity::isFit);
      }
    }
    return Optional.empty();
  }

  private static Optional<String> only(List<String> names) {
    return names.size() == 1 ? Optional.of(names.get(0)) : Optional.empty();
  }
}
