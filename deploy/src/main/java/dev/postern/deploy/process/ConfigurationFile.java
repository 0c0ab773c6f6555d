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
import dev.postern.core.policy.UserDirectory;
import dev.postern.core.server.Protocols;
import dev.postern.core.tls.ClientTrust;
import dev.postern.core.tls.PemFiles;
import dev.postern.deploy.directory.FileUserDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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

  /** Reads and checks everything. */
  public ReadResult read() {
    return reading().result();
  }

  /**
   * Reads and checks everything, and says what the files looked like before.
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
    Map<String, Instant> expiries = new HashMap<>();
    return new Reading(check(parsed, expiries), stamps, expiries);
  }

  /**
   * What was read.
   *
   * @param result the configuration, or what is wrong with it
   * @param stamps of the file and, as far as it could be read, of the files that it names
   * @param expiries when each certificate expires, by its name
   */
  record Reading(ReadResult result, Stamps stamps, Map<String, Instant> expiries) {
    Reading {
      expiries = Map.copyOf(expiries);
    }
  }

  private ReadResult check(ReadResult parsed, Map<String, Instant> expiries) {
    ReadResult checked = ConfigurationChecks.check(parsed, LocalDate.now(clock));
    return switch (checked) {
      case ReadResult.Invalid invalid -> invalid;
      case ReadResult.Valid valid -> contents(valid, expiries);
    };
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

  private ReadResult contents(ReadResult.Valid valid, Map<String, Instant> expiries) {
    List<Problem> errors = new ArrayList<>();
    List<Problem> warnings = new ArrayList<>(valid.warnings());
    List<X509Certificate> leaves = new ArrayList<>();
    List<CertificateSettings> certificates = valid.configuration().certificates();
    for (int i = 0; i < certificates.size(); i++) {
      String at = "certificates[" + i + "]";
      CertificateSettings certificate = certificates.get(i);
      try {
        X509Certificate leaf = PemFiles.read(certificate.files()).chain().get(0);
        expiries.put(certificate.name(), leaf.getNotAfter().toInstant());
        leaves.add(leaf);
        time(leaf, at + ".chain", certificate.files().paths().get(0), valid.lines())
            .ifPresent(warnings::add);
      } catch (CertificateException | IOException e) {
        errors.add(
            new Problem(
                at, valid.lines().getOrDefault(at + ".chain", 0), message(e), Optional.empty()));
      }
    }
    uncovered(valid.configuration().hostname(), leaves, valid.lines()).ifPresent(warnings::add);
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
    return errors.isEmpty()
        ? new ReadResult.Valid(valid.configuration(), inFileOrder(warnings), valid.lines())
        : new ReadResult.Invalid(inFileOrder(errors));
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
                .forEach(
                    problem -> errors.add(new Problem(at, line, problem, Optional.empty())));
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

  private Optional<Problem> time(
      X509Certificate certificate, String at, Path chain, Map<String, Integer> lines) {
    return CertificateDoubts.ofTime(certificate, clock.instant())
        .map(
            doubt ->
                new Problem(
                    at,
                    lines.getOrDefault(at, 0),
                    chain + " " + doubt.message(),
                    Optional.of(doubt.suggestion())));
  }

  // Others may be for other names that clients connect to; one must be for this one.
  private static Optional<Problem> uncovered(
      String hostname, List<X509Certificate> certificates, Map<String, Integer> lines) {
    return certificates.isEmpty()
            || certificates.stream().anyMatch(c -> CertificateDoubts.covers(c, hostname))
        ? Optional.empty()
        : Optional.of(
            new Problem(
                "hostname",
                lines.getOrDefault("hostname", 0),
                "no certificate has " + hostname + " among its subject alternative names",
                Optional.of("mail programs that connect to this name refuse the others")));
  }

  private static String message(Exception e) {
    return e instanceof IOException
        ? "cannot be read: " + e.getMessage()
        : String.valueOf(e.getMessage());
  }

  private static List<Problem> inFileOrder(List<Problem> problems) {
    return problems.stream().sorted(Comparator.comparingInt(Problem::line)).toList();
  }
}
