package dev.postern.deploy.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code postern cert}: names the commands for certificates. */
@Command(
    name = "cert",
    description = "Makes certificates to try out, asks for real ones, and looks into them.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    subcommands = {CertDevCommand.class, CertCsrCommand.class, CertShowCommand.class})
final class CertCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing: dev, csr or show");
  }
}
