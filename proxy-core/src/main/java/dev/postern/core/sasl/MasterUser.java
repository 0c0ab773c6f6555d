package dev.postern.core.sasl;

/**
 * An account of a backend that may log in as any user (Dovecot's master users): used for users who
 * proved themselves by a client certificate, so that there is no password to pass on.
 *
 * @param name name of the account
 * @param password never shown
 */
public record MasterUser(String name, Secret password) {}
