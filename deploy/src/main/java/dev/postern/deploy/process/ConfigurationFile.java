package dev.postern.deploy.process;

import dev.postern.core.config.BackendSettings;
import dev.postern.core.config.CertificateSettings;
import dev.postern.core.config.ClientCertificateSettings;
import dev.postern.core.config.Configuration;
import dev.postern.core.config.ConfigurationChecks;
import dev.postern.core.config.ConfigurationReader;
import dev.postern.core.config.ListenerSettings;
import dev.postern.core.config.Problem;
import dev.postern.core.config.ReadResult;
import dev.postern.core.config.StaplingSettings;
import dev.postern.core.policy.UserDirectory;
import dev.postern.core.server.Protocols;
import dev.postern.core.tls.CertificateFiles;
import dev.postern.core.tls.CertificateReader;
import dev.postern.core.tls.ClientTrust;
import dev.postern.core.tls.KeyMaterial;
import dev.postern.core.tls.ocsp.Stapling;
import dev.postern.deploy.directory.FileUserDirectory;
import dev.postern.deploy.process.CertificateDoubts.Doubt;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The configuration file and all that it names, read and judged as a whole. Looks into the
 * certificates too, so that everything that would keep the proxy from starting is told at once,
 * with its line.
 */
public final class ConfigurationFile {
  private static final String CLIENT_CERTIFICATES = "tls.client-certificates.authorities";
  private static final String DIRECTORY = "policy.directory.file";

  private final Path path;
  private final ConfigurationReader reader;
  private final Clock clock;

  /**
   * Names a file without opening it.
   *
   * @param path of the file
   * @param protocols the protocols there are
   * @param clock tells what has expired
   */
  public ConfigurationFile(Path path, Protocols protocols, Clock clock) {
    this.path = path;
    this.reader = new ConfigurationReader(protocols.infos());
    this.clock = clock;
  }

  /** Returns the file's name as it was given. */
  public Path path() {
    return path;
  }

  /**
   * Reads and checks everything.
   *
   * @return invalid also when a certificate cannot be used, or has expired
   */
  public ReadResult read() {
    Reading reading = reading();
    return reading.result() instanceof ReadResult.Valid && !reading.unusable().isEmpty()
        ? new ReadResult.Invalid(reading.unusable())
        : reading.result();
  }

  /**
   * Reads and checks everything, and says what the files looked like before. What is wrong with
   * certificates stands apart: the rest can be put in force without them.
   *
   * @return its stamps are older than the contents: a file that is written meanwhile is seen to
   *     have changed
   */
  Reading reading() {
    Stamps stamps = Stamps.of(List.of(path));
    ReadResult parsed = reader.read(path);
    if (parsed instanceof ReadResult.Valid valid) {
      stamps = stamps.and(Stamps.of(named(valid.configuration())));
    }
    return switch (ConfigurationChecks.check(parsed, LocalDate.now(clock))) {
      case ReadResult.Invalid invalid -> new Reading(invalid, stamps, List.of());
      case ReadResult.Valid valid -> contents(valid, stamps);
    };
  }

  /**
   * What was read.
   *
   * @param result the configuration, or what is wrong with it
   * @param stamps of the file and, as far as it could be read, of the files that it names
   * @param unusable what is wrong with certificates that clients will not or cannot be shown
   */
  record Reading(ReadResult result, Stamps stamps, List<Problem> unusable) {
    Reading {
      unusable = List.copyOf(unusable);
    }
  }

  private static List<Path> named(Configuration configuration) {
    List<Path> files = new ArrayList<>();
    for (CertificateSettings certificate : configuration.certificates()) {
      files.addAll(certificate.files().paths());
    }
    for (ListenerSettings listener : configuration.listeners()) {
      listener.tls().clients().ifPresent(clients -> files.addAll(clients.paths()));
    }
    configuration.policy().directory().ifPresent(files::add);
    for (BackendSettings backend : configuration.backends().values()) {
      backend.master().ifPresent(master -> files.add(master.password()));
    }
    files.addAll(TicketFiles.named(configuration));
    return files;
  }

  private Reading contents(ReadResult.Valid valid, Stamps stamps) {
    List<Problem> errors = new ArrayList<>();
    List<Problem> warnings = new ArrayList<>(valid.warnings());
    List<Problem> unusable = new ArrayList<>();
    Map<String, X509Certificate> leaves = new LinkedHashMap<>();
    List<CertificateSettings> certificates = valid.configuration().certificates();
    for (int i = 0; i < certificates.size(); i++) {
      String at = "certificates[" + i + "]";
      CertificateSettings certificate = certificates.get(i);
      int line = line(at, certificate, valid.lines());
      try {
        KeyMaterial material = CertificateReader.read(certificate.files());
        List<X509Certificate> chain = material.chain();
        stapling(at, certificate, material, valid.lines()).ifPresent(warnings::add);
        leaves.put(certificate.name(), chain.get(0));
        for (Doubt doubt : doubts(chain, certificate)) {
          Problem problem =
              new Problem(
                  at,
                  line,
                  certificate.files().paths().get(0) + " " + doubt.message(),
                  Optional.of(doubt.suggestion()));
          switch (doubt.weight()) {
            case ERROR -> unusable.add(problem);
            case WARNING -> warnings.add(problem);
          }
        }
      } catch (CertificateException e) {
        unusable.add(new Problem(at, line, String.valueOf(e.getMessage()), Optional.empty()));
      }
    }
    warnings.addAll(uncovered(valid.configuration(), leaves, valid.lines()));
    clientCertificates(valid, errors, warnings);
    valid
        .configuration()
        .policy()
        .directory()
        .ifPresent(file -> errors.addAll(directoryProblems(file, valid.lines())));
    for (BackendSettings backend : valid.configuration().backends().values()) {
      masterProblem(backend, valid.lines()).ifPresent(errors::add);
    }
    TicketFiles.look(valid, errors);
    if (!errors.isEmpty()) {
      errors.addAll(unusable);
      return new Reading(new ReadResult.Invalid(inFileOrder(errors)), stamps, List.of());
    }
    return new Reading(
        new ReadResult.Valid(valid.configuration(), inFileOrder(warnings), valid.lines()),
        stamps,
        inFileOrder(unusable));
  }

  private static Optional<Problem> stapling(
      String at,
      CertificateSettings certificate,
      KeyMaterial material,
      Map<String, Integer> lines) {
    if (certificate.stapling() instanceof StaplingSettings.Off) {
      return Optional.empty();
    }
    String key = at + ".ocsp";
    return Stapling.doubt(material, certificate.stapling() instanceof StaplingSettings.Fetched)
        .map(doubt -> new Problem(key, lines.getOrDefault(key, 0), doubt, Optional.empty()));
  }

  private List<Doubt> doubts(List<X509Certificate> chain, CertificateSettings certificate) {
    return CertificateDoubts.of(
        chain,
        certificate.serverNames(),
        !(certificate.stapling() instanceof StaplingSettings.Off),
        clock.instant());
  }

  private static int line(String at, CertificateSettings certificate, Map<String, Integer> lines) {
    String key =
        switch (certificate.files()) {
          case CertificateFiles.Pem pem -> ".chain";
          case CertificateFiles.Pkcs12 pkcs12 -> ".pkcs12";
        };
    return lines.getOrDefault(at + key, lines.getOrDefault(at, 0));
  }

  private static Optional<Problem> masterProblem(
      BackendSettings backend, Map<String, Integer> lines) {
    if (backend.master().isEmpty()) {
      return Optional.empty();
    }
    try {
      backend.master().get().read();
      return Optional.empty();
    } catch (IOException e) {
      String master = "backends." + backend.protocol() + ".master-user";
      String at = master + ".password-file";
      return Optional.of(
          new Problem(
              at,
              lines.getOrDefault(at, lines.getOrDefault(master, 0)),
              String.valueOf(e.getMessage()),
              Optional.empty()));
    }
  }

  /** Each set of client certificates once, where the first listener has it from. */
  private void clientCertificates(
      ReadResult.Valid valid, List<Problem> errors, List<Problem> warnings) {
    Set<ClientCertificateSettings> seen = new HashSet<>();
    List<ListenerSettings> listeners = valid.configuration().listeners();
    for (int i = 0; i < listeners.size(); i++) {
      ClientCertificateSettings settings = listeners.get(i).tls().clients().orElse(null);
      if (settings == null || !seen.add(settings)) {
        continue;
      }
      String own = "listeners[" + i + "]." + CLIENT_CERTIFICATES;
      String at = valid.lines().containsKey(own) ? own : CLIENT_CERTIFICATES;
      int line = valid.lines().getOrDefault(at, 0);
      switch (settings.load(clock)) {
        case ClientTrust.Loaded.Usable usable ->
            usable
                .trust()
                .doubts()
                .forEach(doubt -> warnings.add(new Problem(at, line, doubt, Optional.empty())));
        case ClientTrust.Loaded.Refused refused ->
            refused
                .problems()
                .forEach(problem -> errors.add(new Problem(at, line, problem, Optional.empty())));
      }
    }
  }

  private static List<Problem> directoryProblems(Path file, Map<String, Integer> lines) {
    return switch (FileUserDirectory.load(file)) {
      case FileUserDirectory.Loaded.Directory loaded -> List.of();
      case FileUserDirectory.Loaded.Refused refused ->
          refused.problems().stream()
              .map(
                  problem ->
                      new Problem(
                          DIRECTORY,
                          lines.getOrDefault(DIRECTORY, 0),
                          problem.text(file.toString()),
                          Optional.empty()))
              .toList();
    };
  }

  /**
   * Opens a user directory that was checked before.
   *
   * @throws IllegalStateException when it has become unusable since
   */
  static UserDirectory directory(Path file) {
    return switch (FileUserDirectory.load(file)) {
      case FileUserDirectory.Loaded.Directory loaded -> loaded.directory();
      case FileUserDirectory.Loaded.Refused refused ->
          throw new IllegalStateException(refused.problems().get(0).text(file.toString()));
    };
  }

  // Others may be for other names that clients connect to; one of each listener's must be for this.
  private static List<Problem> uncovered(
      Configuration configuration,
      Map<String, X509Certificate> leaves,
      Map<String, Integer> lines) {
    String hostname = configuration.hostname();
    Set<String> covering =
        leaves.entrySet().stream()
            .filter(leaf -> CertificateDoubts.covers(leaf.getValue(), hostname))
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());
    Optional<String> advice =
        Optional.of("mail programs that connect to this name refuse the others");
    String names = " has " + hostname + " among its subject alternative names";
    if (covering.isEmpty()) {
      return leaves.isEmpty()
          ? List.of()
          : List.of(
              new Problem(
                  "hostname", lines.getOrDefault("hostname", 0), "no certificate" + names, advice));
    }
    List<Problem> problems = new ArrayList<>();
    for (int i = 0; i < configuration.listeners().size(); i++) {
      ListenerSettings listener = configuration.listeners().get(i);
      String at = "listeners[" + i + "].certificates";
      if (!Collections.disjoint(listener.certificates(), leaves.keySet())
          && Collections.disjoint(listener.certificates(), covering)) {
        problems.add(
            new Problem(
                at,
                lines.getOrDefault(at, 0),
                "no certificate of " + listener.name() + names,
                advice));
      }
    }
    return problems;
  }

  private static List<Problem> inFileOrder(List<Problem> problems) {
    return problems.stream().sorted(Comparator.comparingInt(Problem::line)).toList();
  }
}
