package dev.postern.deploy.cli;

import dev.postern.core.config.Configuration;
import dev.postern.core.config.Problem;
import dev.postern.core.config.ReadResult;
import dev.postern.core.server.Protocols;
import dev.postern.deploy.process.ConfigurationFile;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code postern check-config}. */
@Command(
    name = "check-config",
    description = {
      "Checks a configuration and the files that it names.",
      "",
      "Prints everything that is wrong, one problem a line:",
      "  FILE:LINE: KEY: what is wrong (what to do)",
      "Warnings are marked and do not fail."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:valid, perhaps with warnings",
      "1:not valid, or it cannot be read",
      "2:the command line is wrong"
    })
final class CheckConfigCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      defaultValue = RunCommand.DEFAULT_FILE,
      description = "The configuration, by default ${DEFAULT-VALUE}.")
  private Path path = Path.of(RunCommand.DEFAULT_FILE);

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    return switch (new ConfigurationFile(path, Protocols.load(), Clock.systemUTC()).read()) {
      case ReadResult.Invalid invalid -> {
        print(out, invalid.problems(), "");
        out.printf("%s: not valid, problems: %d%n", path, invalid.problems().size());
        yield ExitCode.FAILED;
      }
      case ReadResult.Valid valid -> {
        print(out, valid.warnings(), " [warning]");
        Configuration configuration = valid.configuration();
        out.printf(
            "%s: valid, listeners: %d, backends: %d, warnings: %d%n",
            path,
            configuration.listeners().size(),
            configuration.backends().size(),
            valid.warnings().size());
        yield ExitCode.OK;
      }
    };
  }

  private void print(PrintWriter out, List<Problem> problems, String kind) {
    problems.forEach(problem -> out.println(problem.text(path.toString()) + kind));
  }
}
