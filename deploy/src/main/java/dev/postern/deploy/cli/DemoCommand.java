package dev.postern.deploy.cli;

import dev.postern.core.server.Protocols;
import dev.postern.deploy.demo.Demo;
import dev.postern.deploy.demo.Ports;
import dev.postern.deploy.process.StartFailure;
import jakarta.mail.MessagingException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code postern demo}. */
@Command(
    name = "demo",
    description = {
      "Runs Postern in front of built-in mail servers, to try out.",
      "",
      "Makes a certificate of its own, prints commands to copy, and ends on Ctrl-C.",
      "Needs no privileges and no configuration. Not for real mail."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ended as asked",
      "1:could not start; what to do about it is on standard error",
      "2:the command line is wrong, or the folder cannot be used"
    })
final class DemoCommand implements Callable<Integer> {
  private static final Duration WATCH_INTERVAL = Duration.ofSeconds(2);

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--state",
      paramLabel = "DIR",
      defaultValue = ".postern-demo",
      description = {
        "Folder for certificate, configuration and audit log,",
        "by default ${DEFAULT-VALUE}."
      })
  private Path state = Path.of(".postern-demo");

  @Option(
      names = "--port-base",
      paramLabel = "N",
      defaultValue = "10000",
      description = {
        "Added to the services' registered ports, by default",
        "${DEFAULT-VALUE}: 10993, 10143, ... 0: any that are free."
      })
  private int portBase = 10_000;

  @Override
  public Integer call()
      throws StartFailure,
          IOException,
          GeneralSecurityException,
          MessagingException,
          InterruptedException {
    Ending ending = Ending.listen();
    HangUp hangUp = HangUp.listen();
    Demo demo = start();
    hangUp.reloads(demo::reload);
    PrintWriter out = spec.commandLine().getOut();
    out.print(demo.guide());
    out.flush();
    ending.await();
    demo.shutDown();
    return ExitCode.OK;
  }

  private Demo start() throws StartFailure, GeneralSecurityException, MessagingException {
    if (!Ports.isBase(portBase)) {
      throw new ParameterException(
          spec.commandLine(), "--port-base: between 0 and " + Ports.HIGHEST_BASE);
    }
    try {
      return Demo.start(
          state,
          new Ports(portBase),
          Console.surroundings(Protocols.load(), Clock.systemUTC(), WATCH_INTERVAL));
    } catch (StartFailure e) {
      throw e.advising("choose other ports with --port-base");
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(),
          state + " cannot be used (" + e.getMessage() + "): choose --state",
          e);
    }
  }
}
