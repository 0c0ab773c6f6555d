package dev.postern.core.sasl;

/**
 * An account of a backend that may log in as any user (Dovecot's master users): used for users who
 * proved themselves by a client certificate, so that there is no password to pass on.
 *
 * @param name name of the account
 * @param password never shown
 */
public record MasterUser(String name, Secret password) {
  /** What user names are made of besides letters and digits, so that it separates nothing. */
  private static final String PLAIN_MARKS = ".-_@";

  /**
   * Says whether a backend could take an authentication identity for this account: its name, alone
   * or in a domain, which a backend may strip, or behind another's and a separator, as in {@code
   * alice*master} (Dovecot's {@code auth_master_user_separator}). Case does not matter, as backends
   * may fold it.
   *
   * @param identity as the client gave it
   */
  public boolean isMeantBy(String identity) {
    for (int end = identity.length(); end >= 0; end = identity.lastIndexOf('@', end - 1)) {
      if (standsAtEnd(identity, end)) {
        return true;
      }
    }
    return false;
  }

  private boolean standsAtEnd(String identity, int end) {
    int from = end - name.length();
    return from >= 0
        && identity.regionMatches(true, from, name, 0, name.length())
        && (from == 0 || isSeparator(identity.charAt(from - 1)));
  }

  private static boolean isSeparator(char c) {
    return !Character.isLetterOrDigit(c) && PLAIN_MARKS.indexOf(c) < 0;
  }
}
