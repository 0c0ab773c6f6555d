package dev.postern.pop3;

/** What answer a command calls for. */
enum AnswerKind {
  /** One line. */
  SINGLE,
  /** One line, and after {@code +OK} more lines up to the dot. */
  MULTI,
  /** As {@link #MULTI}; the answer is the proxy's to rewrite. */
  CAPA,
  /**
   * One line to a command that stands in for one the client may not send; the proxy puts its
   * refusal there.
   */
  REFUSED
}
