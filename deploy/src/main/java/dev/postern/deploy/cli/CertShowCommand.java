package dev.postern.deploy.cli;

import dev.postern.core.config.CertificateSettings;
import dev.postern.core.config.Configuration;
import dev.postern.core.config.ListenerSettings;
import dev.postern.core.tls.CertificateReader;
import dev.postern.deploy.certificate.CertificateReport;
import dev.postern.deploy.certificate.Printable;
import dev.postern.deploy.certificate.ShownChain;
import dev.postern.deploy.process.CertificateDoubts;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code postern cert show}. */
@Command(
    name = "show",
    description = {
      "Shows what certificates say, and what mail programs will hold against them.",
      "",
      "Looks into a file, into those that a configuration names, or at what a running",
      "server shows. A TLSA line pins the key in the DNS, where the zone is signed."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:good, perhaps with warnings",
      "1:mail programs refuse it, or it cannot be read",
      "2:the command line is wrong"
    })
final class CertShowCommand implements Callable<Integer> {
  private static final int IMAPS = 993;
  private static final Pattern HOST_AND_PORT =
      Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([^:\\[\\]]+)):([0-9]{1,5})");
  private static final int HIGHEST_PORT = 65_535;

  @Spec private CommandSpec spec = CommandSpec.create();

  @ArgGroup(multiplicity = "1")
  private Source source = new Source();

  @Option(
      names = "--starttls",
      paramLabel = "imap|pop3|smtp",
      description = "With --connect: begins in cleartext, as on ports 143, 110 and 587.")
  private Optional<ShownChain.StartTls> startTls = Optional.empty();

  @Option(
      names = "--servername",
      paramLabel = "NAME",
      converter = Hostname.Converter.class,
      description = {
        "The name that mail programs connect to, and with --connect ask",
        "for; by default that of --connect, where it is a name."
      })
  private Optional<Hostname> serverName = Optional.empty();

  /** Where certificates are. */
  static final class Source {
    @Parameters(paramLabel = "FILE", arity = "0..1", description = "Certificates in PEM form.")
    private @Nullable Path file;

    @Option(
        names = "--config",
        paramLabel = "FILE",
        description = "A configuration: all its certificates, as they would be shown.")
    private @Nullable Path config;

    @Option(
        names = "--connect",
        paramLabel = "HOST:PORT",
        description = "A running server; none of its certificates is believed.")
    private @Nullable String connect;
  }

  @Override
  public Integer call() throws CommandFailure, GeneralSecurityException {
    boolean good;
    if (source.config != null) {
      good = configured(ConfiguredNames.read(source.config));
    } else if (source.connect != null) {
      good = connected(source.connect);
    } else {
      good = inFile(source.file == null ? Path.of("") : source.file);
    }
    return good ? ExitCode.OK : ExitCode.FAILED;
  }

  private boolean inFile(Path file) throws CommandFailure {
    try {
      return print(
          file.toString(),
          CertificateReader.certificates(file),
          serverName.map(Hostname::text).stream().toList(),
          List.of(IMAPS));
    } catch (CertificateException e) {
      throw failure(e);
    }
  }

  private boolean configured(Configuration configuration) {
    PrintWriter out = spec.commandLine().getOut();
    boolean good = true;
    List<X509Certificate> servers = new ArrayList<>();
    for (CertificateSettings certificate : configuration.certificates()) {
      try {
        List<X509Certificate> chain = CertificateReader.read(certificate.files()).chain();
        servers.add(chain.get(0));
        good &=
            print(
                certificate.name(),
                chain,
                certificate.serverNames(),
                configuration.listeners().stream()
                    .filter(listener -> listener.certificates().contains(certificate.name()))
                    .map(ListenerSettings::address)
                    .map(address -> address.getPort())
                    .distinct()
                    .toList());
      } catch (CertificateException e) {
        out.println(Printable.of(certificate.name() + ":"));
        out.println("  problem: " + Printable.of(String.valueOf(e.getMessage())));
        good = false;
      }
    }
    String hostname = configuration.hostname();
    if (servers.stream().noneMatch(server -> CertificateDoubts.covers(server, hostname))) {
      out.printf("problem: no certificate is for the hostname, %s%n", hostname);
      good = false;
    }
    return good;
  }

  private boolean connected(String where) throws CommandFailure, GeneralSecurityException {
    Matcher parts = HOST_AND_PORT.matcher(where);
    int port = parts.matches() ? Integer.parseInt(parts.group(3)) : 0;
    if (port < 1 || port > HIGHEST_PORT) {
      throw new ParameterException(
          spec.commandLine(),
          "--connect: '" + where + "' is not host and port: mail.example.org:993, for instance");
    }
    String host = parts.group(1) == null ? parts.group(2) : parts.group(1);
    Optional<String> asked =
        serverName.map(Hostname::text).or(() -> Optional.of(host).filter(Hostname::isName));
    if (asked.filter(name -> name.startsWith("*.")).isPresent()) {
      throw new ParameterException(
          spec.commandLine(),
          "--servername: with --connect a server is asked for one name, not for '"
              + asked.get()
              + "': give a host that the wildcard stands for, mail.example.org, for instance");
    }
    try {
      return print(
          where,
          ShownChain.of(host, port, startTls, asked),
          asked.stream().toList(),
          List.of(port));
    } catch (IOException e) {
      throw failure(
          new IOException(
              where + " shows no certificate (" + e.getMessage() + "): check port and --starttls",
              e));
    }
  }

  private boolean print(
      String title, List<X509Certificate> chain, List<String> hostnames, List<Integer> ports) {
    PrintWriter out = spec.commandLine().getOut();
    CertificateReport report =
        CertificateReport.of(chain, hostnames, ports, Clock.systemUTC().instant());
    out.println(Printable.of(title + ":"));
    report.facts().forEach(out::println);
    report.problems().forEach(problem -> out.println("  problem: " + problem));
    report.warnings().forEach(warning -> out.println("  warning: " + warning));
    out.flush();
    return report.problems().isEmpty();
  }

  private static CommandFailure failure(Exception e) {
    return new CommandFailure(Printable.of(String.valueOf(e.getMessage())), e);
  }
}
