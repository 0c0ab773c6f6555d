package dev.postern.core.config;

import dev.postern.core.tls.CertificateFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads where certificates are kept, each as two PEM files or as one PKCS#12 file. */
final class CertificatesReader {
  private static final List<String> KEYS_OF_PEM = List.of("chain", "key", "key-password-file");

  private final Parsed.Parser<Path> path;
  private final Problems problems;

  CertificatesReader(Parsed.Parser<Path> path, Problems problems) {
    this.path = path;
    this.problems = problems;
  }

  List<CertificateSettings> read(Section file) {
    List<CertificateSettings> certificates = new ArrayList<>();
    Set<String> names = new LinkedHashSet<>();
    for (Section section : file.sections("certificates", Shape.CERTIFICATE.keys())) {
      String name = section.required("name", "", "main", Values::name);
      if (!name.isEmpty() && !names.add(name)) {
        problems.error(
            section.at("name"), "a second certificate named " + name, "give each its own name");
      }
      certificates.add(
          new CertificateSettings(
              name,
              section.list("names", Values::serverName),
              section.has("pkcs12") ? pkcs12(section) : pem(section),
              section.value("ocsp", new StaplingSettings.Off(), this::stapling)));
    }
    return certificates;
  }

  private CertificateFiles pem(Section section) {
    if (section.has("password-file")) {
      problems.error(
          section.at("password-file"),
          "the password of a PKCS#12 file, and none is named",
          "key-password-file for that of a key, or pkcs12");
    }
    return new CertificateFiles.Pem(
        section.required("chain", Path.of(""), "/etc/postern/tls/fullchain.pem", path),
        section.required("key", Path.of(""), "/etc/postern/tls/privkey.pem", path),
        section.optional("key-password-file", path));
  }

  private CertificateFiles pkcs12(Section section) {
    for (String key : KEYS_OF_PEM) {
      if (section.has(key)) {
        problems.error(
            section.at(key),
            "the certificate and its key are in pkcs12 already",
            key.equals("key-password-file")
                ? "password-file for the password of pkcs12"
                : "either chain and key, or pkcs12");
      }
    }
    return new CertificateFiles.Pkcs12(
        section.value("pkcs12", Path.of(""), path), section.optional("password-file", path));
  }

  private Parsed<StaplingSettings> stapling(String text) {
    if (text.equals("off")) {
      return Parsed.good(new StaplingSettings.Off());
    }
    if (text.equals("fetch")) {
      return Parsed.good(new StaplingSettings.Fetched());
    }
    return switch (path.parse(text)) {
      case Parsed.Good<Path>(var file) -> Parsed.good(new StaplingSettings.File(file));
      case Parsed.Wrong<Path>(var message, var suggestion) ->
          new Parsed.Wrong<>(message, Optional.of("off, fetch, or the name of a file"));
    };
  }
}
