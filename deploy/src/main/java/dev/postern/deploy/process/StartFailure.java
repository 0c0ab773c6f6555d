package dev.postern.deploy.process;

import java.util.List;

/**
 * The process cannot start. Each line of the message says what is wrong and what to do about it.
 */
public final class StartFailure extends Exception {
  private static final long serialVersionUID = 1L;

  StartFailure(List<String> lines) {
    super(String.join(System.lineSeparator(), lines));
  }

  StartFailure(String line, Throwable cause) {
    super(line, cause);
  }

  /** Returns the same with another line of advice. */
  public StartFailure advising(String line) {
    return new StartFailure(getMessage() + System.lineSeparator() + line, this);
  }
}
