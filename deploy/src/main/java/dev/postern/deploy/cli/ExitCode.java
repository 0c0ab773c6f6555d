package dev.postern.deploy.cli;

/** The exit codes of all commands. They stand in the help text of each command too. */
final class ExitCode {
  static final int OK = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;

  private ExitCode() {}
}
