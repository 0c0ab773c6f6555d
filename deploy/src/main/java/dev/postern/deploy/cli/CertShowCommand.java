package dev.postern.deploy.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code postern cert show}. */
@Command(name = "show", description = "later", mixinStandardHelpOptions = true)
final class CertShowCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return ExitCode.OK;
  }
}
