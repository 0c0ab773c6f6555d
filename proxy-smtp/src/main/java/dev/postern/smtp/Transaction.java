package dev.postern.smtp;

import dev.postern.core.event.SessionEvent;

/**
 * A mail transaction, as far as the backend has accepted it (RFC 5321 §3.3).
 *
 * @param sender reverse-path without angle brackets
 * @param utf8 whether MAIL had SMTPUTF8
 * @param binary whether MAIL had BODY=BINARYMIME
 * @param recipients accepted recipients
 * @param onlyRecipient forward-path of the first, in angle brackets
 * @param chunked whether the backend has taken a chunk of the message
 * @param traced whether a chunk with the trace field has gone to the backend
 * @param octets of the message so far, as the client sent them
 */
record Transaction(
    String sender,
    boolean utf8,
    boolean binary,
    int recipients,
    String onlyRecipient,
    boolean chunked,
    boolean traced,
    long octets) {

  /** No transaction. */
  static final Transaction NONE = new Transaction("", false, false, 0, "", false, false, 0);

  static Transaction from(String sender, boolean utf8, boolean binary) {
    return new Transaction(sender, utf8, binary, 0, "", false, false, 0);
  }

  Transaction to(String path) {
    return new Transaction(
        sender,
        utf8,
        binary,
        recipients + 1,
        recipients == 0 ? path : onlyRecipient,
        chunked,
        traced,
        octets);
  }

  Transaction inChunks() {
    return new Transaction(sender, utf8, binary, recipients, onlyRecipient, true, traced, octets);
  }

  /**
   * A chunk was refused: the message has failed (RFC 3030 §2). Should the backend let another begin
   * all the same, it gets its trace field.
   */
  Transaction withoutChunks() {
    return new Transaction(sender, utf8, binary, recipients, onlyRecipient, false, false, 0);
  }

  Transaction grown(long by) {
    return new Transaction(
        sender, utf8, binary, recipients, onlyRecipient, chunked, traced, octets + by);
  }

  Transaction withField() {
    return new Transaction(sender, utf8, binary, recipients, onlyRecipient, chunked, true, octets);
  }

  /**
   * Returns what sinks are told when it is over.
   *
   * @param reply as in {@link SessionEvent.Submitted}
   * @param accepted whether the backend has taken the message
   */
  SessionEvent submitted(int reply, boolean accepted) {
    return new SessionEvent.Submitted(sender, recipients, octets, reply, accepted);
  }

  /** Returns the path for the {@code for} clause: only one recipient may be told of another. */
  String forClause() {
    return recipients == 1 ? onlyRecipient : "";
  }
}
