package dev.postern.deploy.cli;

import dev.postern.core.config.Configuration;
import dev.postern.core.protocol.ProtocolInfo;
import dev.postern.core.server.Protocols;
import dev.postern.core.tls.KeyReader;
import dev.postern.deploy.certificate.KeyAlgorithm;
import dev.postern.deploy.certificate.NewFiles;
import dev.postern.deploy.certificate.Pem;
import dev.postern.deploy.certificate.RequestedNames;
import dev.postern.deploy.certificate.SigningRequest;
import dev.postern.deploy.certificate.SrvName;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code postern cert csr}. */
@Command(
    name = "csr",
    description = {
      "Makes a key, and the request for a certificate to send to an authority.",
      "",
      "Writes key.pem and request.pem. The names are those of the hosts and domains",
      "(DNS-ID) and of the services of each domain (SRV-ID), as RFC 7817 asks for."
    },
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:made",
      "1:not made; what to do about it is on standard error",
      "2:the command line is wrong"
    })
final class CertCsrCommand implements Callable<Integer> {

  /** A choice between two. */
  enum YesNo {
    YES,
    NO
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A configuration, for the names and services in it.")
  private Optional<Path> config = Optional.empty();

  @Option(
      names = "--hostname",
      paramLabel = "NAME",
      converter = Hostname.Converter.class,
      description = "A name that mail programs connect to; may be repeated.")
  private List<Hostname> hostnames = List.of();

  @Option(
      names = "--domain",
      paramLabel = "NAME",
      converter = Hostname.Converter.class,
      description = {
        "A domain that users have their addresses in; may be repeated. Mail",
        "programs that find the server by SRV records check for it."
      })
  private List<Hostname> domains = List.of();

  @Option(
      names = "--service",
      paramLabel = "NAME",
      description = {
        "A service for SRV-IDs; may be repeated. By default those of the",
        "configuration, without one all."
      })
  private List<String> services = List.of();

  @Option(
      names = "--srv-ids",
      paramLabel = "yes|no",
      defaultValue = "yes",
      description = {
        "Whether to ask for SRV-IDs of the domains, by default ${DEFAULT-VALUE}.",
        "Public authorities issue none, and some refuse the request: then no."
      })
  private YesNo srvIds = YesNo.YES;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "A key that is there, in PEM form, instead of a new one.")
  private Optional<Path> key = Optional.empty();

  @Option(
      names = "--key-password-file",
      paramLabel = "FILE",
      description = "File with the password of --key, where it is encrypted.")
  private Optional<Path> password = Optional.empty();

  @Option(
      names = "--algorithm",
      paramLabel = "ecdsa|rsa",
      defaultValue = "ecdsa",
      description = "The kind of a new key, by default ${DEFAULT-VALUE}: P-256; rsa: 2048 bits.")
  private KeyAlgorithm algorithm = KeyAlgorithm.ECDSA;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Folder for the files, by default the current one.")
  private Path folder = Path.of(".");

  @Option(
      names = "--force",
      description = "Replaces a request that is there. Never replaces a key.")
  private boolean force;

  @Override
  public Integer call() throws CommandFailure, GeneralSecurityException {
    Configuration configuration = config.isPresent() ? ConfiguredNames.read(config.get()) : null;
    RequestedNames names = names(configuration);
    Path request = folder.resolve("request.pem");
    Path made = folder.resolve("key.pem");
    try {
      if (!force) {
        NewFiles.refuseExisting(request);
      }
      Files.createDirectories(folder);
      if (key.isPresent()) {
        write(request, names, given(key.get()));
      } else {
        if (Files.exists(made)) {
          throw new CommandFailure(
              List.of(
                  made + " is there already: name it with --key, or another folder with --out"));
        }
        PrivateKey fresh = algorithm.generate().getPrivate();
        // In this order: a request whose key is lost is worth nothing.
        NewFiles.writeSecret(made, Pem.encode("PRIVATE KEY", fresh.getEncoded()));
        write(request, names, fresh);
      }
    } catch (IOException e) {
      throw CommandFailure.of(e);
    }
    tell(names, request, key.orElse(made));
    return ExitCode.OK;
  }

  private RequestedNames names(@Nullable Configuration configuration) {
    SequencedSet<String> dnsNames = new LinkedHashSet<>();
    hostnames.forEach(name -> dnsNames.add(name.text()));
    if (configuration != null) {
      dnsNames.addAll(ConfiguredNames.hostnames(configuration));
    }
    if (dnsNames.isEmpty()) {
      throw wrong("--hostname or --config: say what mail programs connect to");
    }
    List<SrvName> srvNames = new ArrayList<>();
    List<String> labels = labels(configuration);
    for (Hostname domain : domains) {
      if (domain.text().startsWith("*")) {
        throw wrong("--domain: " + domain.text() + " is not a domain: leave the wildcard out");
      }
      dnsNames.add(domain.text());
      if (srvIds == YesNo.YES) {
        labels.forEach(service -> srvNames.add(new SrvName(service, domain.text())));
      }
    }
    return new RequestedNames(List.copyOf(dnsNames), srvNames);
  }

  private List<String> labels(@Nullable Configuration configuration) {
    List<String> known =
        Protocols.load().infos().stream()
            .flatMap(protocol -> protocol.services().stream())
            .map(ProtocolInfo.Service::name)
            .sorted()
            .toList();
    for (String service : services) {
      if (!known.contains(service)) {
        throw wrong("--service: '" + service + "' is not one of " + String.join(", ", known));
      }
    }
    if (!services.isEmpty()) {
      return services.stream().distinct().toList();
    }
    return configuration == null ? known : ConfiguredNames.services(configuration);
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private PrivateKey given(Path file) throws CommandFailure {
    try {
      return KeyReader.read(file, password);
    } catch (CertificateException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), e);
    }
  }

  private void write(Path request, RequestedNames names, PrivateKey from)
      throws IOException, GeneralSecurityException, CommandFailure {
    try {
      NewFiles.writePublic(
          request, Pem.encode("CERTIFICATE REQUEST", SigningRequest.encode(names, from)));
    } catch (InvalidKeyException e) {
      throw new CommandFailure("--key: " + e.getMessage(), e);
    }
  }

  private void tell(RequestedNames names, Path request, Path secret) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf("Made %s with the key %s, for%n", request, secret);
    Stream.concat(
            names.dnsNames().stream().map(name -> "DNS-ID " + name),
            names.srvNames().stream().map(name -> "SRV-ID " + name.text()))
        .forEach(name -> out.println("    " + name));
    if (domains.isEmpty()) {
      out.println(
          "Mail programs that find the server by SRV records check for the domain of their"
              + " addresses too: name it with --domain.");
    }
    if (!names.srvNames().isEmpty()) {
      out.println(
          "If the authority refuses SRV-IDs, ask again with --srv-ids=no --force --key "
              + Quoted.forShell(secret));
    }
    out.printf(
        """

        Look at it:
            openssl req -in %s -noout -verify -text
        Send it to the authority. What comes back goes into one file, the certificate first and
        then its issuers; name it and the key under "certificates" in the configuration.
        """,
        Quoted.forShell(request));
    out.flush();
  }
}
