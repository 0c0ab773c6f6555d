package dev.postern.smtp;

import dev.postern.core.sasl.Secret;
import java.util.NoSuchElementException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Commands that the client waits for a reply to, oldest first. An immutable queue of two stacks:
 * the back is turned round when the front is used up.
 */
record Outstanding(@Nullable Cell front, @Nullable Cell back, int size, @Nullable Entry newest) {

  static final Outstanding NOTHING = new Outstanding(null, null, 0, null);

  /** One element of a stack. */
  record Cell(Entry entry, @Nullable Cell next) {}

  /** A command, and what its reply means. */
  sealed interface Entry {

    /** The backend has the command; its reply goes to the client as it is. */
    sealed interface Asked extends Entry {}

    /**
     * MAIL.
     *
     * @param sender reverse-path without angle brackets
     * @param utf8 whether SMTPUTF8 was given
     * @param binary whether BODY=BINARYMIME was given
     */
    record Mail(String sender, boolean utf8, boolean binary) implements Asked {}

    /**
     * RCPT.
     *
     * @param path forward-path as it was given
     */
    record Rcpt(String path) implements Asked {}

    /** RSET. */
    record Reset() implements Asked {}

    /**
     * A command whose reply means nothing to the proxy: NOOP, or CLIENT. Nothing may be sent behind
     * it before it is answered (RFC 2920 §3.1); Postfix punishes who does.
     */
    record Other() implements Asked {}

    /** RSET of the proxy's own; the client hears nothing of its reply. */
    record Agreement() implements Asked {}

    /** DATA; nothing more is read until it is answered. */
    record Data() implements Asked {}

    /**
     * EHLO or HELO: the backend was asked to reset, the client gets the proxy's own answer, and
     * what comes behind it is read when it is known what is offered.
     *
     * @param name the argument
     * @param extended whether it was EHLO
     */
    record Introduction(String name, boolean extended) implements Asked {}

    /**
     * Answered by the proxy, when its turn comes.
     *
     * @param reply CRLF included
     */
    record Local(String reply) implements Entry {}

    /**
     * BDAT, held back until everything before is answered: only then are the recipients known.
     *
     * @param octets of the chunk
     * @param last whether it is the last
     */
    record Chunk(long octets, boolean last) implements Entry {}

    /**
     * BDAT where nobody takes chunks: refused in its turn, once the chunk has been heard out.
     *
     * @param octets of the chunk
     */
    record UnwantedChunk(long octets) implements Entry {}

    /** DATA, held back until it is known whether the message is one with BODY=BINARYMIME. */
    record DataInTurn() implements Entry {}

    /**
     * BURL, held back like BDAT (RFC 4468).
     *
     * @param arguments as they came: the URL lets whoever has it read a message
     * @param last whether the message ends with it
     */
    record Burl(Secret arguments, boolean last) implements Entry {}

    /**
     * The end of the session, when its turn comes.
     *
     * @param farewell what ends it
     */
    record End(Farewell farewell) implements Entry {}
  }

  Outstanding plus(Entry entry) {
    return new Outstanding(front, new Cell(entry, back), size + 1, entry);
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Says whether nothing more may be read until the newest command is done with. */
  boolean isBarred() {
    return newest instanceof Entry.Data
        || newest instanceof Entry.Introduction
        || newest instanceof Entry.Other
        || newest instanceof Entry.Agreement
        || newest instanceof Entry.Chunk
        || newest instanceof Entry.UnwantedChunk
        || newest instanceof Entry.Burl
        || newest instanceof Entry.DataInTurn
        || newest instanceof Entry.End;
  }

  /**
   * Counts the recipients that the newest transaction would have if all that waits were accepted.
   *
   * @param accepted recipients of the transaction before
   */
  int recipients(int accepted) {
    int behind = 0;
    for (Cell c = back; c != null; c = c.next()) {
      if (beginsTransaction(c.entry())) {
        return behind;
      }
      behind += c.entry() instanceof Entry.Rcpt ? 1 : 0;
    }
    int count = accepted;
    for (Cell c = front; c != null; c = c.next()) {
      count = beginsTransaction(c.entry()) ? 0 : count + (c.entry() instanceof Entry.Rcpt ? 1 : 0);
    }
    return count + behind;
  }

  /** Says whether there is a MAIL with BODY=BINARYMIME. */
  boolean hasBinary() {
    return has(e -> e instanceof Entry.Mail m && m.binary());
  }

  /** Says whether there is a command that ends the transaction before. */
  boolean hasReset() {
    return has(e -> e instanceof Entry.Reset || e instanceof Entry.Introduction);
  }

  private boolean has(Predicate<Entry> which) {
    return has(front, which) || has(back, which);
  }

  private static boolean has(@Nullable Cell from, Predicate<Entry> which) {
    for (Cell c = from; c != null; c = c.next()) {
      if (which.test(c.entry())) {
        return true;
      }
    }
    return false;
  }

  private static boolean beginsTransaction(Entry entry) {
    return entry instanceof Entry.Mail
        || entry instanceof Entry.Reset
        || entry instanceof Entry.Introduction;
  }

  /** Returns the oldest command. */
  Entry oldest() {
    Cell first = turned();
    if (first == null) {
      throw new NoSuchElementException();
    }
    return first.entry();
  }

  /** Takes the oldest command away. */
  Outstanding rest() {
    Cell first = turned();
    if (first == null) {
      throw new NoSuchElementException();
    }
    return size == 1
        ? NOTHING
        : new Outstanding(first.next(), front == null ? null : back, size - 1, newest);
  }

  private @Nullable Cell turned() {
    if (front != null) {
      return front;
    }
    Cell turned = null;
    for (Cell c = back; c != null; c = c.next()) {
      turned = new Cell(c.entry(), turned);
    }
    return turned;
  }
}
