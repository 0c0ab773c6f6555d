package dev.postern.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationChecksTest {
  private static final LocalDate TODAY = LocalDate.of(2026, 11, 22);

  private static final String CONFIGURATION =
      Reading.MINIMAL
          + """
          policy:
            directory: { file: users }
            rules:
              - name: scanner
                reason: replaced
                until: 2026-11-22
                then: deny
          audit: { file: log/audit.jsonl }
          """;

  @TempDir private Path directory;

  @BeforeEach
  void putFilesInPlace() throws IOException {
    Files.createDirectory(directory.resolve("tls"));
    Files.createDirectory(directory.resolve("log"));
    Files.createFile(directory.resolve("tls/chain.pem"));
    Files.createFile(directory.resolve("users"));
    Files.createFile(
        directory.resolve("tls/key.pem"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
  }

  @Test
  void findsNothingWhenEverythingIsThere() {
    assertThat(check(TODAY))
        .isInstanceOfSatisfying(
            ReadResult.Valid.class, valid -> assertThat(valid.warnings()).isEmpty());
  }

  @Test
  void reportsEveryFileThatIsNotThere() throws IOException {
    for (String file : List.of("users", "log")) {
      Files.delete(directory.resolve(file));
    }
    assertThat(problems())
        .extracting(Problem::path)
        .containsExactly("policy.directory.file", "audit.file");
    assertThat(problems()).extracting(Problem::line).containsExactly(11, 17);
  }

  @Test
  @Tag("DEEP-9.2a")
  void leavesCertificatesThatAreNotThereToThoseWhoReadThem() throws IOException {
    Files.delete(directory.resolve("tls/chain.pem"));
    Files.delete(directory.resolve("tls/key.pem"));
    assertThat(check(TODAY)).isInstanceOf(ReadResult.Valid.class);
  }

  @Test
  void refusesADirectoryForAFile() throws IOException {
    Files.delete(directory.resolve("users"));
    Files.createDirectory(directory.resolve("users"));
    Files.createDirectory(directory.resolve("log/audit.jsonl"));
    assertThat(problems())
        .extracting(Problem::path)
        .containsExactly("policy.directory.file", "audit.file");
  }

  @Test
  void warnsOfAKeyThatEverybodyMayRead() throws IOException {
    Files.setPosixFilePermissions(
        directory.resolve("tls/key.pem"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(warnings(TODAY)).extracting(Problem::path).containsExactly("certificates[0].key");
  }

  @Test
  @Tag("CCO-4.1e")
  void warnsOfRulesThatHaveExpired() {
    assertThat(warnings(TODAY.plusDays(1)))
        .singleElement()
        .satisfies(
            warning -> {
              assertThat(warning.path()).isEqualTo("policy.rules[0].until");
              assertThat(warning.line()).isEqualTo(15);
            });
  }

  @Test
  void leavesWhatIsInvalidAsItIs() {
    ReadResult invalid = Reading.read("");
    assertThat(ConfigurationChecks.check(invalid, TODAY)).isSameAs(invalid);
  }

  @Test
  void reportsEveryFileOfTlsThatIsNotThere() {
    ReadResult result =
        ConfigurationChecks.check(
            new ConfigurationReader(Reading.PROTOCOLS)
                .read(
                    """
                    hostname: mail.example.org
                    certificates:
                      - { name: a, chain: tls/chain.pem, key: tls/key.pem, key-password-file: no, ocsp: no }
                      - { name: b, pkcs12: no, password-file: no }
                    backends:
                      imap:
                        profile: plain
                        addresses: [10.0.0.5]
                        master-user: { name: postern, password-file: no }
                    tls:
                      tickets: [tls/key.pem, no]
                      client-certificates: { authorities: no, revocations: no, fingerprints: no }
                    listeners:
                      - service: imap
                      - service: imaps
                        tls: { client-certificates: { authorities: no, identity: upn } }
                    """,
                    directory),
            TODAY);
    assertThat(((ReadResult.Invalid) result).problems())
        .extracting(Problem::path)
        .containsExactlyInAnyOrder(
            "certificates[0].ocsp",
            "backends.imap.master-user.password-file",
            "tls.tickets[1]",
            "tls.client-certificates.authorities",
            "tls.client-certificates.revocations[0]",
            "tls.client-certificates.fingerprints",
            "listeners[1].tls.client-certificates.authorities");
    assertThat(((ReadResult.Invalid) result).problems())
        .extracting(Problem::line)
        .isSorted()
        .containsOnly(3, 9, 11, 12, 16);
  }

  private ReadResult check(LocalDate today) {
    return ConfigurationChecks.check(
        new ConfigurationReader(Reading.PROTOCOLS).read(CONFIGURATION, directory), today);
  }

  private List<Problem> problems() {
    return ((ReadResult.Invalid) check(TODAY)).problems();
  }

  private List<Problem> warnings(LocalDate today) {
    return ((ReadResult.Valid) check(today)).warnings();
  }
}
