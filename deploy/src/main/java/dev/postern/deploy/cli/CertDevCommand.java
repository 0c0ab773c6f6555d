package dev.postern.deploy.cli;

import dev.postern.deploy.certificate.DevelopmentCa;
import dev.postern.deploy.certificate.KeyAlgorithm;
import dev.postern.deploy.certificate.NewFiles;
import dev.postern.deploy.certificate.Pem;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code postern cert dev}. */
@Command(
    name = "dev",
    description = {
      "Makes a certificate to try things out, and the authority that issued it.",
      "",
      "Writes chain.pem and key.pem for Postern, and ca.pem for the mail programs that",
      "are to trust it. The authority issues one certificate and forgets its key: who",
      "trusts it trusts nothing else. Not for real mail: no program trusts it unasked."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:made",
      "1:not made; what to do about it is on standard error",
      "2:the command line is wrong"
    })
final class CertDevCommand implements Callable<Integer> {
  private static final String THIS_MACHINE = "localhost";
  private static final List<String> LOOPBACK = List.of("127.0.0.1", "::1");
  // Apple's systems refuse certificates that are valid for longer, whoever issued them.
  private static final int MOST_DAYS = 825;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--hostname",
      paramLabel = "NAME",
      converter = Hostname.Converter.class,
      description = "A name that the certificate is for, besides localhost; may be repeated.")
  private List<Hostname> hostnames = List.of();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A configuration, for the names in it.")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Folder for the files, by default the current one.")
  private Path folder = Path.of(".");

  @Option(
      names = "--days",
      paramLabel = "N",
      defaultValue = "90",
      description = "How long it is valid, by default ${DEFAULT-VALUE}.")
  private int days = 90;

  @Option(
      names = "--algorithm",
      paramLabel = "ecdsa|rsa",
      defaultValue = "ecdsa",
      description = "The kind of key, by default ${DEFAULT-VALUE}: P-256; rsa: 2048 bits.")
  private KeyAlgorithm algorithm = KeyAlgorithm.ECDSA;

  @Option(names = "--force", description = "Replaces files that are there.")
  private boolean force;

  @Override
  public Integer call() throws CommandFailure, GeneralSecurityException {
    if (days < 1 || days > MOST_DAYS) {
      throw new ParameterException(spec.commandLine(), "--days: between 1 and " + MOST_DAYS);
    }
    SequencedSet<String> names = new LinkedHashSet<>();
    hostnames.forEach(name -> names.add(name.text()));
    if (config.isPresent()) {
      names.addAll(ConfiguredNames.hostnames(ConfiguredNames.read(config.get())));
    }
    names.add(THIS_MACHINE);
    Path chain = folder.resolve("chain.pem");
    Path key = folder.resolve("key.pem");
    Path authority = folder.resolve("ca.pem");
    try {
      if (!force) {
        NewFiles.refuseExisting(chain, key, authority);
      }
      Files.createDirectories(folder);
      DevelopmentCa.Issued issued =
          DevelopmentCa.issue(
              List.copyOf(names),
              LOOPBACK,
              Clock.systemUTC().instant(),
              Duration.ofDays(days),
              algorithm);
      NewFiles.writeSecret(key, Pem.encode("PRIVATE KEY", issued.server().key().getEncoded()));
      NewFiles.writePublic(
          chain, Pem.encode("CERTIFICATE", issued.server().chain().get(0).getEncoded()));
      NewFiles.writePublic(authority, Pem.encode("CERTIFICATE", issued.authority().getEncoded()));
    } catch (IOException e) {
      throw CommandFailure.of(e);
    }
    tell(names.getFirst(), chain, key, authority);
    return ExitCode.OK;
  }

  private void tell(String name, Path chain, Path key, Path authority) {
    PrintWriter out = spec.commandLine().getOut();
    String trusted = Quoted.forShell(authority);
    // A wildcard is not a name that one can connect to.
    String host = name.startsWith("*.") ? "mail" + name.substring(1) : name;
    out.print(
        """
        Made %s, %s and %s, valid for %d days.

        In the configuration:
            certificates:
              - name: main
                chain: %s
                key: %s

        Then, where %s leads to Postern:
            openssl s_client -brief -CAfile %s -verify_return_error -verify_hostname %s -connect %s:993 </dev/null
            openssl s_client -brief -CAfile %s -verify_return_error -verify_hostname %s -starttls imap -connect %s:143 </dev/null
            curl --cacert %s --user NAME imaps://%s/
        """
            .formatted(
                chain,
                key,
                authority,
                days,
                Quoted.forYaml(chain.toAbsolutePath().normalize()),
                Quoted.forYaml(key.toAbsolutePath().normalize()),
                host,
                trusted,
                host,
                host,
                trusted,
                host,
                host,
                trusted,
                host));
    out.flush();
  }
}
