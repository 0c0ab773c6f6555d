package dev.postern.core.config;

import dev.postern.core.policy.Policy;
import dev.postern.core.tls.CipherSuite;
import dev.postern.core.tls.IdentityMapping;
import dev.postern.core.tls.NamedGroup;
import dev.postern.core.tls.TlsProfile;
import dev.postern.core.tls.TlsVersion;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Reads TLS towards clients: the settings of all listeners, and those that one has for itself,
 * which go before them key by key. Who names a profile begins anew with its versions and suites.
 */
final class TlsReader {
  private static final String OFF = "off";
  private static final String ROTATED = "rotated";
  private static final int USUAL_DEPTH = 3;

  private final Section all;
  private final Parsed.Parser<Path> path;
  private final Problems problems;

  TlsReader(Section all, Parsed.Parser<Path> path, Problems problems) {
    this.all = all;
    this.path = path;
    this.problems = problems;
  }

  /** Reads the settings of all listeners. Nothing below the floor is to be had there. */
  TlsSettings ofAll() {
    TlsSettings settings = settings(all, TlsSettings.DEFAULT);
    if (settings.minimum().compareTo(Policy.FLOOR) < 0) {
      String key = all.has("minimum") ? "minimum" : "profile";
      problems.error(
          all.at(key),
          "TLS "
              + settings.minimum().number()
              + " for every listener: mail needs 1.2 or newer (RFC 8997)",
          "name it at the listener that needs it, under listeners[].tls");
    }
    if (settings.clients().map(ClientCertificateSettings::preauth).orElse(false)) {
      problems.error(
          all.at("client-certificates"),
          "preauth for every listener",
          "name it at the one of imaps, under listeners[].tls");
    }
    return settings;
  }

  /** Reads the settings of one listener. */
  TlsSettings ofOne(Section section, TlsSettings ofAll) {
    return settings(section, ofAll);
  }

  TicketSettings tickets() {
    List<String> words = all.list("tickets", Values::text);
    Optional<Duration> every =
        all.optional("ticket-rotation", Values.duration(Duration.ofMinutes(1), Duration.ofDays(7)));
    refuseEmpty(all, "tickets", "off, rotated, or the names of files");
    if (words.isEmpty() || words.equals(List.of(ROTATED))) {
      return every.<TicketSettings>map(TicketSettings.Rotated::new).orElse(TicketSettings.DEFAULT);
    }
    if (every.isPresent()) {
      problems.error(
          all.at("ticket-rotation"),
          "no keys are made here that could be rotated",
          "remove it; keys in files are rotated by who writes the files");
    }
    if (words.equals(List.of(OFF))) {
      return new TicketSettings.Off();
    }
    if (words.contains(OFF) || words.contains(ROTATED)) {
      problems.error(
          all.at("tickets"), "off and rotated stand alone", "off, rotated, or the names of files");
    }
    return new TicketSettings.Files(all.list("tickets", path));
  }

  private TlsSettings settings(Section section, TlsSettings before) {
    TlsSettings start =
        section
            .optional("profile", Values.oneOf(TlsProfile.values(), TlsProfile::label))
            .map(before::with)
            .orElse(before);
    TlsSettings settings =
        new TlsSettings(
            section.value("minimum", start.minimum(), Values::tlsVersion),
            section.value("maximum", start.maximum(), Values::tlsVersion),
            section.has("cipher-suites") ? cipherSuites(section) : start.cipherSuites(),
            section.has("groups") ? groups(section) : start.groups(),
            section.value("strict-sni", start.strictServerNames(), Values::truth),
            section.value("without-certificate", start.withoutCertificate(), Values::truth),
            section.has("client-certificates") ? clients(section) : start.clients());
    if (!section.isWrong("minimum") && !section.isWrong("maximum")) {
      checkVersions(section, settings);
    }
    return settings;
  }

  private void checkVersions(Section section, TlsSettings settings) {
    TlsVersion minimum = settings.minimum();
    if (minimum.compareTo(settings.maximum()) > 0) {
      problems.error(
          section.at(section.has("minimum") ? "minimum" : "maximum"),
          "the minimum, "
              + minimum.number()
              + ", is above the maximum, "
              + settings.maximum().number(),
          "leave the maximum out");
      return;
    }
    if (section.has("cipher-suites") && minimum == TlsVersion.TLS_1_3) {
      problems.warning(
          section.at("cipher-suites"),
          "does nothing: the suites of TLS 1.3 are all offered, and there is no older version here",
          "remove it");
      return;
    }
    refuseVersionWithoutSuite(section, settings);
    refuseVersionWithoutGroup(section, settings);
  }

  // A version that clients are told of and that then fails for each of them.
  private void refuseVersionWithoutSuite(Section section, TlsSettings settings) {
    TlsVersion oldest = settings.minimum();
    if (oldest == TlsVersion.TLS_1_3
        || settings.cipherSuites().stream()
            .flatMap(name -> CipherSuite.ofName(name).stream())
            .anyMatch(suite -> suite.isOf(oldest))) {
      return;
    }
    boolean belowFloor = oldest.compareTo(Policy.FLOOR) < 0;
    problems.error(
        section.at(
            section.has("cipher-suites") && !(belowFloor && section.has("minimum"))
                ? "cipher-suites"
                : section.has("minimum") ? "minimum" : "profile"),
        "no suite of TLS " + oldest.number() + " is offered",
        belowFloor
            ? "profile: legacy, or a suite such as TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, or a higher"
                + " minimum"
            : "a suite such as TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, or minimum: 1.3");
  }

  private void refuseVersionWithoutGroup(Section section, TlsSettings settings) {
    if (settings.minimum() != TlsVersion.TLS_1_3
        && settings.groups().equals(List.of(NamedGroup.X25519MLKEM768))) {
      problems.error(
          section.at(
              section.has("groups") ? "groups" : section.has("minimum") ? "minimum" : "profile"),
          "X25519MLKEM768 is of TLS 1.3 alone, and TLS "
              + settings.minimum().number()
              + " is offered",
          "add x25519 and secp256r1");
    }
  }

  private List<String> cipherSuites(Section section) {
    refuseEmpty(section, "cipher-suites", "leave the key out for the suites of the profile");
    List<CipherSuite> suites = section.list("cipher-suites", CipherSuiteNames::parse);
    if (suites.isEmpty() || suites.size() < written(section.at("cipher-suites"))) {
      // What could not be read must not be blamed for what then seems to be missing.
      return TlsProfile.LEGACY.cipherSuites();
    }
    if (suites.stream().anyMatch(suite -> suite.isOf(TlsVersion.TLS_1_3))) {
      problems.warning(
          section.at("cipher-suites"),
          "the suites of TLS 1.3 cannot be chosen: all that the TLS engine has are offered",
          "name those of TLS 1.2 and older");
    }
    String without =
        suites.stream()
            .filter(CipherSuite::lacksForwardSecrecy)
            .map(CipherSuite::name)
            .collect(Collectors.joining(", "));
    if (!without.isEmpty()) {
      problems.warning(
          section.at("cipher-suites"),
          "no forward secrecy: " + without + " (RFC 9325 section 4.1)",
          "suites that begin with TLS_ECDHE_, where clients permit");
    }
    return suites.stream()
        .filter(suite -> !suite.isOf(TlsVersion.TLS_1_3))
        .map(CipherSuite::name)
        .distinct()
        .toList();
  }

  private List<NamedGroup> groups(Section section) {
    refuseEmpty(section, "groups", "leave the key out for the usual ones");
    List<NamedGroup> groups = section.list("groups", TlsReader::group).stream().distinct().toList();
    return groups.isEmpty() ? TlsSettings.DEFAULT.groups() : groups;
  }

  private static Parsed<NamedGroup> group(String text) {
    return NamedGroup.ofName(text)
        .map(Parsed::good)
        .orElseGet(
            () ->
                Parsed.wrong(
                    "no group " + Values.quoted(text),
                    Arrays.stream(NamedGroup.values())
                        .map(NamedGroup::label)
                        .collect(Collectors.joining(", ", "one of: ", ""))));
  }

  private Optional<ClientCertificateSettings> clients(Section section) {
    if (section.at("client-certificates") instanceof Tree.Scalar scalar
        && scalar.text().equals(OFF)) {
      return Optional.empty();
    }
    Section clients = section.section("client-certificates", Shape.CLIENT_CERTIFICATES.keys());
    List<IdentityMapping> mappings = new ArrayList<>();
    clients
        .optional("fingerprints", path)
        .ifPresent(file -> mappings.add(new IdentityMapping.Fingerprints(file)));
    mappings.addAll(clients.list("identity", TlsReader::mapping));
    if (!clients.has("fingerprints") && isEmpty(clients.at("identity"))) {
      problems.error(
          clients.at("identity"),
          "missing: certificates would be asked for that stand for nobody",
          "identity: email, upn or common-name; or fingerprints: the name of a file");
    }
    return Optional.of(
        new ClientCertificateSettings(
            clients.required("authorities", Path.of(""), "/etc/postern/tls/clients.pem", path),
            clients.value("depth", USUAL_DEPTH, Values.number(0, 16)),
            clients.list("revocations", path),
            mappings.stream().distinct().toList(),
            clients.value("required", false, Values::truth),
            clients.value("preauth", false, Values::truth)));
  }

  private static Parsed<IdentityMapping> mapping(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "email" -> Parsed.good(new IdentityMapping.Email());
      case "upn" -> Parsed.good(new IdentityMapping.UserPrincipalName());
      case "common-name" -> Parsed.good(new IdentityMapping.CommonName());
      default ->
          Parsed.wrong(
              Values.quoted(text) + " is not possible here", "one of: email, upn, common-name");
    };
  }

  private void refuseEmpty(Section section, String key, String suggestion) {
    if (section.has(key) && isEmpty(section.at(key))) {
      problems.error(section.at(key), "an empty list", suggestion);
    }
  }

  private static boolean isEmpty(Tree tree) {
    return written(tree) == 0;
  }

  private static int written(Tree tree) {
    return switch (tree) {
      case Tree.Nothing nothing -> 0;
      case Tree.Sequence sequence -> sequence.items().size();
      case Tree.Scalar scalar -> 1;
      case Tree.Mapping mapping -> 1;
    };
  }
}
