package dev.postern.core.server;

/**
 * The proxy cannot start, or cannot take a new configuration; the message says what to do about it.
 */
public final class StartException extends Exception {
  private static final long serialVersionUID = 1L;

  StartException(String message) {
    super(message);
  }

  StartException(String message, Throwable cause) {
    super(message, cause);
  }
}
