package dev.postern.deploy.cli;

import dev.postern.core.server.Protocols;
import dev.postern.deploy.process.ConfigurationFile;
import dev.postern.deploy.process.ProxyProcess;
import dev.postern.deploy.process.StartFailure;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code postern run}. */
@Command(
    name = "run",
    description = {
      "Runs the proxy until it is asked to end.",
      "",
      "SIGTERM, SIGINT  end: no new connections; sessions end at their next command,",
      "                 what is left after limits.drain-deadline is cut off",
      "SIGHUP           read configuration and certificates anew, reopen the audit log",
      "",
      "Changed files are noticed without a signal. A configuration with mistakes is",
      "refused as a whole, and the one in force stays."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ended as asked",
      "1:could not start; what to do about it is on standard error",
      "2:the command line is wrong",
      "130, 143:asked to end a second time, and ended at once"
    })
final class RunCommand implements Callable<Integer> {
  static final String DEFAULT_FILE = "/etc/postern/postern.yaml";

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      defaultValue = DEFAULT_FILE,
      description = "The configuration, by default ${DEFAULT-VALUE}.")
  private Path path = Path.of(DEFAULT_FILE);

  @Option(
      names = "--watch-interval",
      paramLabel = "SECONDS",
      defaultValue = "5",
      description = {
        "How often to look for changed files, by default ${DEFAULT-VALUE};",
        "0: only on SIGHUP."
      })
  private int watchInterval = 5;

  @Override
  public Integer call() throws StartFailure, InterruptedException {
    if (watchInterval < 0) {
      throw new ParameterException(spec.commandLine(), "--watch-interval: 0 or more seconds");
    }
    Ending ending = Ending.listen();
    HangUp hangUp = HangUp.listen();
    ProxyProcess process = start(path, Duration.ofSeconds(watchInterval));
    hangUp.reloads(process::reload);
    ending.await();
    process.shutDown();
    return ExitCode.OK;
  }

  private static ProxyProcess start(Path path, Duration watchInterval) throws StartFailure {
    Protocols protocols = Protocols.load();
    Clock clock = Clock.systemUTC();
    return ProxyProcess.start(
        new ConfigurationFile(path, protocols, clock),
        Console.surroundings(protocols, clock, watchInterval));
  }
}
