package dev.postern.deploy.cli;

import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code postern version}. */
@Command(
    name = "version",
    description = "Prints the versions of Postern, Java, Netty and the TLS engine.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class)
final class VersionCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    for (String line : new VersionText().getVersion()) {
      out.println(line);
    }
  }
}
