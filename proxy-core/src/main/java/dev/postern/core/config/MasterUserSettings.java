package dev.postern.core.config;

import java.nio.file.Path;

/**
 * The account of a backend that may log in as any user.
 *
 * @param name name of the account
 * @param password file with its password, without a final line end
 */
public record MasterUserSettings(String name, Path password) {}
