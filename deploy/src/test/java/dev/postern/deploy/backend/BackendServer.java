package dev.postern.deploy.backend;

/** A server that a test may need. */
public enum BackendServer {
  /** IMAP and POP3. */
  DOVECOT,
  /** Submission; needs {@link #DOVECOT}, which checks its passwords and takes its mail. */
  POSTFIX
}
