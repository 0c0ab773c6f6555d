package dev.postern.deploy.cli;

import dev.postern.core.config.CertificateSettings;
import dev.postern.core.config.Configuration;
import dev.postern.core.config.ConfigurationReader;
import dev.postern.core.config.ListenerSettings;
import dev.postern.core.config.ReadResult;
import dev.postern.core.server.Protocols;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/** What a configuration tells of names. Its certificates need not be there yet. */
final class ConfiguredNames {
  private ConfiguredNames() {}

  /**
   * Reads a configuration, and no other file.
   *
   * @throws CommandFailure when it has mistakes; the message names all
   */
  static Configuration read(Path file) throws CommandFailure {
    return switch (new ConfigurationReader(Protocols.load().infos()).read(file)) {
      case ReadResult.Valid valid -> valid.configuration();
      case ReadResult.Invalid invalid ->
          throw new CommandFailure(
              invalid.problems().stream().map(p -> p.text(file.toString())).toList());
    };
  }

  /** Returns the names that clients connect to, the proxy's own first. */
  static SequencedSet<String> hostnames(Configuration configuration) {
    SequencedSet<String> names = new LinkedHashSet<>();
    names.add(configuration.hostname());
    for (CertificateSettings certificate : configuration.certificates()) {
      names.addAll(certificate.serverNames());
    }
    return names;
  }

  /** Returns the services that clients find, in the file's order. */
  static List<String> services(Configuration configuration) {
    return configuration.listeners().stream().map(ListenerSettings::service).distinct().toList();
  }
}
