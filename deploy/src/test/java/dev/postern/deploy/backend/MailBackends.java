package dev.postern.deploy.backend;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/**
 * A running Dovecot and a running Postfix whose mail arrives in that Dovecot. Both trust the tests'
 * own address: they believe its {@code ID} and {@code XCLIENT}. All links are cleartext.
 *
 * <p>The tests of a JVM share one instance: look for what is yours (a session id, a Message-ID, an
 * address of your own), and {@link #empty} a mailbox whose content you count.
 */
public interface MailBackends extends AutoCloseable {

  /** Dovecot's IMAP listener. */
  InetSocketAddress imap();

  /** Dovecot's POP3 listener. */
  InetSocketAddress pop3();

  /**
   * Postfix's submission listener.
   *
   * @throws IllegalStateException if Postfix does not run; a test that asks for {@link
   *     BackendServer#POSTFIX} never sees it
   */
  InetSocketAddress submission();

  /**
   * Another submission listener of the same Postfix, which takes mail from 127.0.0.1 without a
   * login too, to whomever; what is not for one of the accounts is thrown away.
   *
   * @throws IllegalStateException if Postfix does not run
   */
  InetSocketAddress submissionForDevices();

  /** The proxy's profile for this Dovecot, such as {@code dovecot-2.3}. */
  String dovecotProfile();

  /** The proxy's profile for this Postfix. */
  String postfixProfile();

  /** Everybody with a mailbox. */
  default List<Account> accounts() {
    return Account.ALL;
  }

  /** Who may log in at Dovecot for everybody with a mailbox. */
  default Account masterUser() {
    return Account.MASTER;
  }

  /**
   * The account of that login name.
   *
   * @throws IllegalArgumentException if there is none
   */
  default Account account(String user) {
    return accounts().stream()
        .filter(account -> account.user().equals(user))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no account " + user));
  }

  /**
   * Puts messages into an inbox, past the proxy and past Postfix, and returns when they are there.
   * A message is kept octet for octet behind {@code Return-Path: <>}; its lines should end in CRLF.
   */
  void deliver(Account account, List<byte[]> messages);

  /** Removes all mail from an inbox. */
  void empty(Account account);

  /**
   * Waits until a message has arrived in an inbox, and reads it past the proxy.
   *
   * @param messageId the content of its {@code Message-ID} field, angle brackets included
   * @return all its octets, with the fields that the backends added
   */
  byte[] awaitMessage(Duration atMost, Account account, String messageId);

  /** All that Dovecot has logged so far. */
  String dovecotLog();

  /** All that Postfix has logged so far; empty if it does not run. */
  String postfixLog();

  /**
   * Begins to look at what Postfix logs from now on.
   *
   * @return says whether one of the lines that have come since it was last asked holds a text
   */
  Predicate<String> postfixLogFromNow();

  /** Says whether Postfix has no message any more that it is taking in or delivering. */
  boolean isPostfixIdle();

  /**
   * Waits until a line that has been or will be logged by either server matches.
   *
   * @return the first such line
   * @throws AssertionError if there was none in time; its message shows the logs' ends
   */
  String awaitLog(Duration atMost, Predicate<String> line);

  /** {@link #awaitLog(Duration, Predicate)} for a line that holds all the fragments. */
  default String awaitLog(Duration atMost, String... fragments) {
    return awaitLog(atMost, line -> List.of(fragments).stream().allMatch(line::contains));
  }

  /** Stops the servers and removes their mail. Calling it again does nothing. */
  @Override
  void close();
}
