package dev.postern.deploy;

import dev.postern.deploy.cli.PosternCommand;

/** Begins the process. */
public final class Main {
  private Main() {}

  /** Runs one command and ends with its exit code. */
  public static void main(String[] arguments) {
    System.exit(PosternCommand.run(arguments));
  }
}
