package dev.postern.deploy.cli;

import dev.postern.deploy.process.StartFailure;
import java.io.PrintWriter;
import org.slf4j.LoggerFactory;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code postern}: names the commands, and turns what they throw into one line and an exit code.
 */
@Command(
    name = "postern",
    description = "Takes TLS from mail programs in front of mail servers that speak cleartext.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    subcommands = {
      RunCommand.class,
      CheckConfigCommand.class,
      CertCommand.class,
      DemoCommand.class,
      VersionCommand.class,
      GenerateCompletion.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:failed; what to do about it is on standard error",
      "2:the command line is wrong, or a file cannot be read"
    },
    footer = {"", "Try it out:  postern demo"})
public final class PosternCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  private PosternCommand() {}

  /**
   * Runs what the arguments ask for, on this process's console.
   *
   * @return the exit code
   */
  public static int run(String... arguments) {
    return run(
        new PrintWriter(System.out, true, System.out.charset()),
        new PrintWriter(System.err, true, System.err.charset()),
        arguments);
  }

  static int run(PrintWriter out, PrintWriter err, String... arguments) {
    return new CommandLine(new PosternCommand())
        .setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((failure, command, parsed) -> failed(failure, err))
        .execute(arguments);
  }

  private static int failed(Exception failure, PrintWriter err) {
    if (failure instanceof StartFailure || failure instanceof CommandFailure) {
      String.valueOf(failure.getMessage()).lines().forEach(line -> err.println("postern: " + line));
    } else {
      LoggerFactory.getLogger(PosternCommand.class).error("this is a defect of Postern", failure);
      err.println("postern: failed by a defect of its own, " + failure.getClass().getName());
    }
    return ExitCode.FAILED;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
