package dev.postern.core.config;

import dev.postern.core.policy.Rule;
import dev.postern.core.tls.CertificateFiles;
import dev.postern.core.tls.IdentityMapping;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks at what a configuration names: are the files there, may they be read, is the key kept from
 * others. What is in the files is for those who use them to judge, and so is whether a certificate
 * is there at all: without it, the rest can still be put in force. Blocks on the file system.
 */
public final class ConfigurationChecks {
  private final Map<String, Integer> lines;
  private final List<Problem> errors = new ArrayList<>();
  private final List<Problem> warnings;

  private ConfigurationChecks(ReadResult.Valid read) {
    this.lines = read.lines();
    this.warnings = new ArrayList<>(read.warnings());
  }

  /**
   * Checks what was read.
   *
   * @param read what came of reading
   * @param today the date, to name rules that have expired
   * @return the same with more warnings, or what is wrong; an invalid configuration is returned as
   *     it is
   */
  public static ReadResult check(ReadResult read, LocalDate today) {
    return switch (read) {
      case ReadResult.Invalid invalid -> invalid;
      case ReadResult.Valid valid -> new ConfigurationChecks(valid).result(valid, today);
    };
  }

  private ReadResult result(ReadResult.Valid read, LocalDate today) {
    Configuration configuration = read.configuration();
    for (int i = 0; i < configuration.certificates().size(); i++) {
      CertificateSettings certificate = configuration.certificates().get(i);
      String path = "certificates[" + i + "]";
      switch (certificate.files()) {
        case CertificateFiles.Pem pem -> {
          warnOfOpenKey(path + ".key", pem.key());
          pem.password().ifPresent(file -> warnOfOpenKey(path + ".key-password-file", file));
        }
        case CertificateFiles.Pkcs12 pkcs12 -> {
          warnOfOpenKey(path + ".pkcs12", pkcs12.store());
          pkcs12.password().ifPresent(file -> warnOfOpenKey(path + ".password-file", file));
        }
      }
      if (certificate.stapling() instanceof StaplingSettings.File(Path response)) {
        readable(path + ".ocsp", response);
      }
    }
    if (configuration.tickets() instanceof TicketSettings.Files(List<Path> files)) {
      for (int i = 0; i < files.size(); i++) {
        secret("tls.tickets[" + i + "]", files.get(i));
      }
    }
    clients(configuration);
    configuration
        .backends()
        .forEach(
            (protocol, backend) ->
                backend
                    .master()
                    .ifPresent(
                        master ->
                            secret(
                                "backends." + protocol + ".master-user.password-file",
                                master.password())));
    configuration.policy().directory().ifPresent(file -> readable("policy.directory.file", file));
    if (configuration.audit() instanceof AuditSettings.File(Path file)) {
      writable("audit.file", file);
    }
    warnOfExpired(configuration.policy().policy().rules(), today);
    return errors.isEmpty()
        ? new ReadResult.Valid(configuration, inFileOrder(warnings), lines)
        : new ReadResult.Invalid(inFileOrder(errors));
  }

  private void clients(Configuration configuration) {
    configuration.tls().clients().ifPresent(clients -> clients("tls", clients));
    for (int i = 0; i < configuration.listeners().size(); i++) {
      ListenerSettings listener = configuration.listeners().get(i);
      if (!listener.tls().clients().equals(configuration.tls().clients())) {
        String path = "listeners[" + i + "].tls";
        listener.tls().clients().ifPresent(clients -> clients(path, clients));
      }
    }
  }

  private void clients(String tls, ClientCertificateSettings clients) {
    String path = tls + ".client-certificates";
    readable(path + ".authorities", clients.authorities());
    for (int i = 0; i < clients.revocations().size(); i++) {
      readable(path + ".revocations[" + i + "]", clients.revocations().get(i));
    }
    for (IdentityMapping mapping : clients.mappings()) {
      if (mapping instanceof IdentityMapping.Fingerprints(Path file)) {
        readable(path + ".fingerprints", file);
      }
    }
  }

  private void secret(String path, Path file) {
    readable(path, file);
    warnOfOpenKey(path, file);
  }

  private void readable(String path, Path file) {
    if (!Files.exists(file)) {
      error(
          path, file + " does not exist", "relative names are relative to the configuration file");
    } else if (!Files.isRegularFile(file)) {
      error(path, file + " is not a file", "the name of a file");
    } else if (!Files.isReadable(file)) {
      error(path, file + " may not be read", "let the user that runs Postern read it");
    }
  }

  private void writable(String path, Path file) {
    Path directory = file.toAbsolutePath().getParent();
    if (Files.exists(file) ? !Files.isRegularFile(file) : directory == null) {
      error(path, file + " is not a file", "the name of a file");
    } else if (Files.exists(file) ? !Files.isWritable(file) : !Files.isWritable(directory)) {
      error(
          path,
          file + " cannot be written",
          "a directory that the user that runs Postern may write to");
    }
  }

  private void warnOfOpenKey(String path, Path key) {
    try {
      if (Files.isRegularFile(key)
          && Files.getPosixFilePermissions(key).contains(PosixFilePermission.OTHERS_READ)) {
        warning(path, "every user of this machine may read it", "chmod 640 " + key);
      }
    } catch (IOException | UnsupportedOperationException e) {
      // Where there are no such permissions, there is nothing to warn of.
      return;
    }
  }

  private void warnOfExpired(List<Rule> rules, LocalDate today) {
    for (int i = 0; i < rules.size(); i++) {
      Rule rule = rules.get(i);
      if (!rule.inForce(today)) {
        warning(
            "policy.rules[" + i + "].until",
            rule.name() + " has expired and does nothing any more",
            "remove it");
      }
    }
  }

  private void error(String path, String message, String suggestion) {
    errors.add(problem(path, message, suggestion));
  }

  private void warning(String path, String message, String suggestion) {
    warnings.add(problem(path, message, suggestion));
  }

  private Problem problem(String path, String message, String suggestion) {
    // A list of one may be written as a single value.
    String single = path.replaceFirst("\\[0]$", "");
    int line = lines.getOrDefault(path, lines.getOrDefault(single, 0));
    return new Problem(path, line, message, Optional.of(suggestion));
  }

  private static List<Problem> inFileOrder(List<Problem> problems) {
    return problems.stream().sorted(Comparator.comparingInt(Problem::line)).toList();
  }
}
