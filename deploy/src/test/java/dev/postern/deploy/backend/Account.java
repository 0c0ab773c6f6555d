package dev.postern.deploy.backend;

import java.util.List;

/**
 * Somebody with a mailbox and a password, which is used for IMAP, POP3 and submission alike.
 *
 * @param user the login name, which is the mail address, too
 * @param password any text: a password is UTF-8 on the wire
 */
public record Account(String user, String password) {

  public static final Account ALICE = new Account("alice@example.test", "open sesame");

  /** His password holds what has to be quoted somewhere: in IMAP, in a file, in a URL. */
  public static final Account BOB =
      new Account("bob@example.test", "a  \"b\" \\ {3} %40:+=\u00fc\u20ac\ud83d\udd11");

  public static final Account CAROL = new Account("carol@example.test", "c4rol");

  /**
   * Has no mailbox, and may log in at Dovecot for everybody who has one: by SASL PLAIN, with that
   * user as the authorization identity.
   */
  public static final Account MASTER = new Account("postern", "m\u00e4ster: \"key\"");

  /** May do the same from a network that the tests are not in. */
  public static final Account DISTANT_MASTER = new Account("distant", "d1stant");

  /** Everybody the backends know. */
  public static final List<Account> ALL = List.of(ALICE, BOB, CAROL);
}
