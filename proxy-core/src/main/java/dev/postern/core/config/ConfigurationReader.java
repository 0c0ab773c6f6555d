package dev.postern.core.config;

import static java.util.stream.Collectors.toCollection;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.deep.DeepStatus;
import dev.postern.core.protocol.ProtocolInfo;
import dev.postern.core.snapshot.Terms;
import dev.postern.core.snapshot.TraceSettings;
import dev.postern.core.tls.TlsMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads the configuration file. Knows no protocol but by what it says of itself. */
public final class ConfigurationReader {

  private final List<ProtocolInfo> protocols;

  /**
   * Creates a reader.
   *
   * @param protocols the protocols there are, with the services they provide
   */
  public ConfigurationReader(Collection<ProtocolInfo> protocols) {
    this.protocols = List.copyOf(protocols);
  }

  /** Returns every key that may be written, as a path: {@code listeners[].service}. */
  public static List<String> keys() {
    return Shape.paths();
  }

  /**
   * Reads a file. Relative file names in it are relative to its own directory.
   *
   * @param file the configuration, UTF-8
   * @return invalid also when the file cannot be read
   */
  public ReadResult read(Path file) {
    try {
      Path directory = file.toAbsolutePath().getParent();
      return read(Files.readString(file), directory == null ? file.toAbsolutePath() : directory);
    } catch (NoSuchFileException e) {
      return unreadable("the file does not exist", "say where it is with --config");
    } catch (MalformedInputException e) {
      return unreadable("the file is not UTF-8 text", "save it as UTF-8");
    } catch (IOException e) {
      return unreadable(
          "the file cannot be read: " + e.getClass().getSimpleName(), "check who may read it");
    }
  }

  /**
   * Reads a configuration. A pure function: no file is opened.
   *
   * @param yaml the text
   * @param directory what relative file names are relative to
   */
  public ReadResult read(String yaml, Path directory) {
    Problems problems = new Problems();
    Tree.Mapping tree = new TreeReader(problems).read(yaml);
    // After a syntax error nothing that follows can be trusted to be missing.
    if (!problems.none() && tree.entries().isEmpty()) {
      return new ReadResult.Invalid(problems.errors());
    }
    Configuration configuration = configuration(tree, directory, problems);
    if (!problems.none()) {
      return new ReadResult.Invalid(problems.errors());
    }
    Map<String, Integer> lines = new HashMap<>();
    collectLines(tree, lines);
    return new ReadResult.Valid(configuration, problems.warnings(), lines);
  }

  private static ReadResult unreadable(String message, String suggestion) {
    return new ReadResult.Invalid(List.of(new Problem("", 0, message, Optional.of(suggestion))));
  }

  private Configuration configuration(Tree.Mapping tree, Path directory, Problems problems) {
    Section file = new Section(tree, Shape.FILE.keys(), problems);
    Parsed.Parser<Path> path = Values.path(directory);

    List<CertificateSettings> certificates = new CertificatesReader(path, problems).read(file);
    TlsReader tlsReader = new TlsReader(file.section("tls", Shape.TLS.keys()), path, problems);
    TlsSettings tls = tlsReader.ofAll();
    TicketSettings tickets = tlsReader.tickets();
    Map<String, BackendSettings> backends = backends(file, path, problems);
    List<ListenerSettings> listeners =
        new ListenersReader(protocols, names(certificates), backends, tlsReader, tls, problems)
            .read(file);
    Terms terms = terms(file, tls, listeners, certificates, problems);
    PolicySettings policy =
        new PolicyReader(services(), withoutLogin(), listeners, tls, problems)
            .read(file.section("policy", Shape.POLICY.keys()), path);
    ManagementSettings management = management(file, listeners, problems);
    AuditSettings audit = audit(file, path);
    return new Configuration(
        listeners, certificates, tls, tickets, backends, policy, terms, management, audit);
  }

  private Map<String, BackendSettings> backends(
      Section file, Parsed.Parser<Path> path, Problems problems) {
    List<String> names = protocols.stream().map(ProtocolInfo::name).toList();
    if (!file.has("backends")) {
      problems.error(
          file.at("backends"),
          "missing: there is nowhere to send mail programs to",
          "one of " + String.join(", ", names) + ", each with profile and addresses");
    }
    Section section = file.section("backends", names);
    Map<String, BackendSettings> backends = new LinkedHashMap<>();
    for (ProtocolInfo protocol : protocols) {
      if (section.has(protocol.name())) {
        backends.put(
            protocol.name(),
            backend(
                protocol, section.section(protocol.name(), Shape.BACKEND.keys()), path, problems));
      }
    }
    return backends;
  }

  private static BackendSettings backend(
      ProtocolInfo protocol, Section section, Parsed.Parser<Path> path, Problems problems) {
    // Where clients may begin in cleartext is where servers listen without TLS.
    Optional<Integer> port =
        protocol.services().stream()
            .filter(service -> service.mode() == TlsMode.STARTTLS)
            .map(ProtocolInfo.Service::port)
            .findFirst();
    BackendProfile[] profiles =
        Arrays.stream(BackendProfile.values())
            .filter(protocol.profiles()::contains)
            .toArray(BackendProfile[]::new);
    BackendProfile profile =
        section.required(
            "profile",
            BackendProfile.PLAIN,
            "dovecot-2.4",
            Values.oneOf(profiles, BackendProfile::label));
    return new BackendSettings(
        protocol.name(),
        profile,
        section.requiredList(
            "addresses",
            port.map(p -> "[\"10.0.0.5:" + p + "\"]").orElse("[\"10.0.0.5:143\"]"),
            Values.hostPort(port)),
        section.list("capabilities", Values::text),
        master(section, profile, path, problems));
  }

  private static Optional<MasterUserSettings> master(
      Section section, BackendProfile profile, Parsed.Parser<Path> path, Problems problems) {
    if (!section.has("master-user")) {
      return Optional.empty();
    }
    if (profile == BackendProfile.POSTFIX) {
      problems.error(
          section.at("master-user"),
          "Postfix is told by XCLIENT who has logged in, and has no such account",
          "remove it");
    }
    Section master = section.section("master-user", Shape.MASTER_USER.keys());
    return Optional.of(
        new MasterUserSettings(
            master.required("name", "", "postern", Values::text),
            master.required("password-file", Path.of(""), "/etc/postern/master-password", path)));
  }

  private static Terms terms(
      Section file,
      TlsSettings tls,
      List<ListenerSettings> listeners,
      List<CertificateSettings> certificates,
      Problems problems) {
    String hostname = file.required("hostname", "", "mail.example.org", Values::hostname);
    if (!hostname.isEmpty() && hostname.indexOf('.') < 0) {
      problems.warning(
          file.at("hostname"),
          "not a full name",
          "the name that clients connect to: mail.example.org");
    }
    Optional<URI> support = file.optional("support-url", Values.url("https", "http"));
    TraceSettings trace =
        new TraceSettings(
            file.section("trace", Shape.TRACE.keys())
                .value(
                    "client-address",
                    TraceSettings.DEFAULT.address(),
                    Values.oneOf(TraceSettings.Address.values(), ConfigurationReader::label)));
    return new Terms(
        hostname,
        support,
        deep(file, support, tls, listeners, certificates, problems),
        new LimitsReader(problems).read(file.section("limits", Shape.LIMITS.keys())),
        trace);
  }

  private static DeepStatus deep(
      Section file,
      Optional<URI> support,
      TlsSettings tls,
      List<ListenerSettings> listeners,
      List<CertificateSettings> certificates,
      Problems problems) {
    if (!file.has("deep")) {
      return DeepStatus.NONE;
    }
    Section section = file.section("deep", Shape.DEEP.keys());
    List<String> tags = section.list("tags", Values::securityTag);
    new DeepPromises(tls, listeners, !certificates.isEmpty(), problems)
        .check(tags, section.at("tags"));
    Optional<URI> page =
        section
            .optional("support", Values.url("https"))
            .or(() -> support.filter(url -> "https".equalsIgnoreCase(url.getScheme())));
    return new DeepStatus(tags, page);
  }

  private static ManagementSettings management(
      Section file, List<ListenerSettings> listeners, Problems problems) {
    Section section = file.section("management", Shape.MANAGEMENT.keys());
    ManagementSettings management =
        section.value("address", ManagementSettings.DEFAULT, ConfigurationReader::management);
    if (section.isWrong("address")) {
      return management;
    }
    management
        .address()
        .flatMap(
            address ->
                listeners.stream()
                    .filter(listener -> Overlap.of(listener.address(), address))
                    .findFirst())
        .ifPresent(
            listener ->
                problems.error(
                    section.at("address"),
                    "the listener " + listener.name() + " has this address",
                    "another port"));
    return management;
  }

  private static Parsed<ManagementSettings> management(String text) {
    if (text.equals("off")) {
      return Parsed.good(new ManagementSettings(Optional.empty()));
    }
    return switch (Values.listenAddress(9993).parse(text)) {
      case Parsed.Good<InetSocketAddress>(var address) ->
          Parsed.good(new ManagementSettings(Optional.of(address)));
      case Parsed.Wrong<InetSocketAddress>(var message, var suggestion) ->
          new Parsed.Wrong<>(message, Optional.of("127.0.0.1:9993, or off"));
    };
  }

  private static AuditSettings audit(Section file, Parsed.Parser<Path> path) {
    Section section = file.section("audit", Shape.AUDIT.keys());
    return section.value("file", AuditSettings.DEFAULT, text -> audit(text, path));
  }

  private static Parsed<AuditSettings> audit(String text, Parsed.Parser<Path> path) {
    if (text.equals("stdout")) {
      return Parsed.good(new AuditSettings.StandardOutput());
    }
    if (text.equals("off")) {
      return Parsed.good(new AuditSettings.Off());
    }
    return switch (path.parse(text)) {
      case Parsed.Good<Path>(var file) -> Parsed.good(new AuditSettings.File(file));
      case Parsed.Wrong<Path>(var message, var suggestion) ->
          new Parsed.Wrong<>(message, Optional.of("the name of a file, stdout, or off"));
    };
  }

  private static String label(TraceSettings.Address address) {
    return switch (address) {
      case FULL -> "full";
      case NETWORK -> "network";
      case OMIT -> "omit";
    };
  }

  private Set<String> services() {
    return services(protocols.stream());
  }

  private Set<String> withoutLogin() {
    return services(protocols.stream().filter(ProtocolInfo::withoutLogin));
  }

  private static Set<String> services(Stream<ProtocolInfo> protocols) {
    return protocols
        .flatMap(protocol -> protocol.services().stream())
        .map(ProtocolInfo.Service::name)
        .collect(toCollection(LinkedHashSet::new));
  }

  private static List<String> names(List<CertificateSettings> certificates) {
    return certificates.stream().map(CertificateSettings::name).toList();
  }

  private static void collectLines(Tree tree, Map<String, Integer> lines) {
    if (!(tree instanceof Tree.Nothing)) {
      lines.put(tree.path(), tree.line());
    }
    switch (tree) {
      case Tree.Mapping mapping -> mapping.entries().values().forEach(t -> collectLines(t, lines));
      case Tree.Sequence sequence -> sequence.items().forEach(t -> collectLines(t, lines));
      case Tree.Scalar scalar -> {}
      case Tree.Nothing nothing -> {}
    }
  }
}
