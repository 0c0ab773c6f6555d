package dev.postern.core.config;

import static dev.postern.core.config.Reading.MINIMAL;
import static dev.postern.core.config.Reading.errors;
import static dev.postern.core.config.Reading.errorsOf;
import static dev.postern.core.config.Reading.valid;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.CertificateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationReaderTest {

  @Test
  void readsTheLeastThatWorks() {
    assertThat(valid(MINIMAL).warnings()).isEmpty();
  }

  @Test
  void warnsOfDeadlinesThatAHealthyPeerMayMiss() {
    assertThat(Reading.warnings("limits: { reply-deadline: 2m, verdict-deadline: 10m }"))
        .singleElement()
        .asString()
        .contains("limits.reply-deadline: ")
        .endsWith("(5m or more)");
  }

  @Test
  void reportsAllMistakesAtOnceInTheFilesOrder() {
    assertThat(
            errorsOf(
                """
                hostname: -mail-
                listners: []
                certificates:
                  - name: main
                    chain: chain.pem
                    kye: key.pem
                tls: { minimum: 2.0 }
                backends:
                  imap:
                    profile: dovecot
                    addresses: [10.0.0.5:99999]
                  nntp: {}
                limits:
                  idle-timeout: 10m
                  login-deadline: 180
                  line-length: 8KB
                  connections: many
                """))
        .containsExactly(
            "postern.yaml:1: hostname: \"-mail-\" is not a host name (mail.example.org, for instance)",
            "postern.yaml:2: listners: no such key (did you mean listeners?)",
            "postern.yaml:4: certificates[0].key: missing (for instance key: /etc/postern/tls/privkey.pem)",
            "postern.yaml:6: certificates[0].kye: no such key (did you mean key?)",
            "postern.yaml:7: tls.minimum: \"2.0\" is not a version of TLS (1.2 or 1.3)",
            "postern.yaml:10: backends.imap.profile: \"dovecot\" is not possible here (one of: dovecot-2.3,"
                + " dovecot-2.4, plain)",
            "postern.yaml:11: backends.imap.addresses[0]: 99999 is not a port (1 to 65535)",
            "postern.yaml:12: backends.nntp: no such key (one of: imap, pop3, submission)",
            "postern.yaml:14: limits.idle-timeout: a server must not log out an idle client before 30 minutes"
                + " (RFC 9051 section 5.4) (30m or more)",
            "postern.yaml:15: limits.login-deadline: a duration needs a unit (180s for seconds, 180m for minutes;"
                + " also ms, h, d)",
            "postern.yaml:16: limits.line-length: no unit \"KB\" (KiB (1024 octets), MiB, or octets without a unit)",
            "postern.yaml:17: limits.connections: \"many\" is not a number (1 to 10000000)");
  }

  @Test
  void refusesAProfileOfServersThatDoNotSpeakTheProtocol() {
    String yaml = MINIMAL.replace("dovecot-2.3", "postfix");
    assertThat(errorsOf(yaml))
        .containsExactly(
            "postern.yaml:8: backends.imap.profile: \"postfix\" is not possible here"
                + " (one of: dovecot-2.3, dovecot-2.4, plain)");
    assertThat(valid(yaml.replace("imap:", "submission:")).warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "policy: { rules: [ { when: { networks: [::/0] } } ] }",
        "backends: { imap: { addresses: [[::]:143] } }",
        "listeners: [{ service: imap, address: [::]:143 }]",
        "listeners: [{ service: imap, address: :143 }]",
      })
  void saysThatAddressesBelongInQuotes(String yaml) {
    assertThat(errorsOf(yaml)).anySatisfy(e -> assertThat(e).contains("begin with : [", "quotes"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing\n", "---\n", "~\n"})
  void asksForWhatMustBeThereWhenTheFileIsEmpty(String yaml) {
    assertThat(errorsOf(yaml))
        .hasSize(2)
        .anyMatch(e -> e.contains("hostname: missing"))
        .anyMatch(e -> e.contains("backends: missing"));
  }

  @ParameterizedTest
  @CsvSource({
    "'hostname: [a', 1",
    "'hostname: a\n\tb: c', 2",
    "'a: b: c', 1",
    "'listeners:\n  - service: imaps\n    address: [::]:993\n', 3",
    "'address: *:993', 1",
    "'a: 1\n---\nb: 2', 2",
  })
  void saysWhereTheFileStopsBeingYaml(String yaml, int line) {
    assertThat(errorsOf(yaml))
        .singleElement()
        .asString()
        .startsWith("postern.yaml:" + line + ": not YAML: ");
  }

  @Test
  void refusesControlCharactersInTheFile() {
    assertThat(errorsOf("hostname: a\u0000b")).singleElement().asString().contains("not YAML");
  }

  @ParameterizedTest
  @ValueSource(strings = {"- a\n", "just words\n"})
  void refusesAFileThatIsNoMapping(String yaml) {
    assertThat(errorsOf(yaml)).first().asString().contains("expected keys and values");
  }

  @Test
  void refusesAKeyThatIsThereTwice() {
    assertThat(errors("hostname: other.example.org\n"))
        .containsExactly(
            "postern.yaml:10: hostname: the key is there twice (it is first set in line 1; merge the two)");
  }

  @Test
  void refusesAKeyThatIsNoWord() {
    assertThat(errors("? [a, b]\n: c\n"))
        .singleElement()
        .asString()
        .contains("a key must be a word");
  }

  @Test
  void refusesAnAliasWithinItself() {
    assertThat(errors("listeners: &a [*a]\n"))
        .containsExactly(
            "postern.yaml:10: listeners: an alias within itself (write out what is meant)");
  }

  @Test
  void refusesAliasesThatMultiply() {
    StringBuilder yaml = new StringBuilder("k0: &a0 [x, x]\n");
    for (int i = 1; i < 25; i++) {
      yaml.append("k%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    assertThat(errors(yaml.toString())).filteredOn(e -> e.contains("too many values")).hasSize(1);
  }

  @Test
  void takesAliases() {
    Configuration configuration =
        valid(
                """
                hostname: mail.example.org
                certificates: [{ name: main, chain: c, key: k }]
                backends:
                  imap: &dovecot { profile: dovecot-2.3, addresses: [10.0.0.5] }
                  pop3: *dovecot
                """)
            .configuration();
    assertThat(configuration.backends().get("pop3").addresses())
        .containsExactly(new HostPort("10.0.0.5", 110));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listeners: imaps| listeners: expected a list, found a single value",
        "tls: '1.2'| tls: expected keys and values, found a single value",
        "tls: [1.2]| tls: expected keys and values, found a list",
        "support-url: [a]| support-url: expected a single value, found a list",
        "deep: { tags: { a: b } }| deep.tags: expected a single value, found a mapping",
        "deep: { tags: [tls12, ~] }| deep.tags[1]: an empty entry",
        "audit: { file: { a: b } }| audit.file: expected a single value, found a mapping"
      })
  void refusesValuesOfAnotherKind(String yaml, String problem) {
    assertThat(errors(yaml)).singleElement().asString().contains(problem);
  }

  @Test
  void takesAKeyWithoutValueForNone() {
    assertThat(valid(MINIMAL + "listeners:\ntls:\nlimits:\n  connections:\n").configuration())
        .isEqualTo(valid(MINIMAL).configuration());
  }

  @Test
  void takesASingleValueForAListOfOne() {
    assertThat(Reading.configuration("deep: { tags: tls12 }\n").terms().deep().tags())
        .containsExactly("tls12");
  }

  @Test
  void refusesTwoCertificatesOfOneName() {
    assertThat(
            errorsOf(
                MINIMAL.replace("backends:", "  - { name: main, chain: c, key: k }\nbackends:")))
        .containsExactly(
            "postern.yaml:6: certificates[1].name: a second certificate named main (give each its own name)");
  }

  @Test
  void refusesAMinimumAboveTheMaximum() {
    assertThat(errors("tls: { minimum: 1.3, maximum: 1.2 }"))
        .containsExactly(
            "postern.yaml:10: tls.minimum: the minimum, 1.3, is above the maximum, 1.2 (leave the maximum out)");
  }

  @ParameterizedTest
  @CsvSource({"SSLv3, RFC 7568", "SSLv2, RFC 7568", "1.4, 'or 1.3'", "TLS, 'or 1.3'"})
  void refusesWhatIsNoVersionOfTls(String version, String because) {
    assertThat(errors("tls: { minimum: " + version + " }"))
        .singleElement()
        .asString()
        .contains(because);
  }

  @ParameterizedTest
  @Tag("CCO-4.1d")
  @ValueSource(strings = {"1.0", "\"1.1\"", "TLSv1.1", "tls1.0"})
  void refusesVersionsBelowTheFloorForAllListeners(String version) {
    assertThat(errors("tls: { minimum: " + version + ", cipher-suites: [ECDHE-RSA-AES128-SHA] }"))
        .singleElement()
        .asString()
        .startsWith("postern.yaml:10: tls.minimum: TLS 1.")
        .contains("for every listener: mail needs 1.2 or newer (RFC 8997)");
    assertThat(errors("tls: { maximum: " + version + " }"))
        .singleElement()
        .asString()
        .contains("tls.maximum: the minimum, 1.2, is above the maximum, 1.");
  }

  @Test
  void warnsOfAHostnameThatIsNotFull() {
    assertThat(valid(MINIMAL.replace("mail.example.org", "localhost")).warnings())
        .extracting(Problem::path)
        .containsExactly("hostname");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "192.0.2.1",
        "mail_1.example.org",
        "mail..example.org",
        "'a b'",
        "m\u00e4il.example.org"
      })
  void refusesWhatIsNoHostname(String name) {
    assertThat(errorsOf(MINIMAL.replace("mail.example.org", name)))
        .singleElement()
        .asString()
        .contains("is not a host name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "help.example.org",
        "ftp://help.example.org",
        "'https://help.example.org/a b'",
        "https:///mail",
        "mailto:help@example.org",
        "https://help.example.org/\u00e4",
        "\"https://help.example.org/\\r\\n* BYE\""
      })
  void refusesASupportPageThatCannotStandInAReply(String url) {
    assertThat(errors("support-url: " + url)).singleElement().asString().contains("support-url: ");
  }

  @Test
  void refusesASupportPageThatIsTooLong() {
    assertThat(errors("support-url: https://help.example.org/" + "a".repeat(200)))
        .singleElement()
        .asString()
        .contains("at most 200 characters");
  }

  @ParameterizedTest
  @Tag("DEEP-5.1")
  @ValueSource(strings = {"1tls", "-tls", "'tls 12'", "tls.12", "\"tls\\\"12\""})
  void refusesWhatIsNoSecurityTag(String tag) {
    assertThat(errors("deep: { tags: [" + tag + "] }"))
        .singleElement()
        .asString()
        .contains("is not a security tag");
  }

  @Test
  @Tag("DEEP-5.1")
  void takesSecurityTagsOfUpTo64Characters() {
    assertThat(
            Reading.configuration("deep: { tags: [" + "a".repeat(64) + "] }").terms().deep().tags())
        .hasSize(1);
    assertThat(errors("deep: { tags: [" + "a".repeat(65) + "] }")).hasSize(1);
  }

  @Test
  @Tag("DEEP-5.3")
  @Tag("DEEP-5.2")
  void refusesPromisesThatTlsCannotKeep() {
    assertThat(errors("tls: { maximum: 1.2 }\ndeep: { tags: [tls12, tls13] }"))
        .containsExactly(
            "postern.yaml:11: deep.tags: tls13 promises TLS 1.3 or newer, and tls.maximum is 1.2"
                + " (raise tls.maximum, or remove the tag)");
    assertThat(
            errors(
                "listeners: [service: imap, { service: imaps, tls: { maximum: 1.2 } }]\n"
                    + "deep: { tags: [tls12, tls13] }"))
        .containsExactly(
            "postern.yaml:11: deep.tags: tls13 promises TLS 1.3 or newer, and the maximum of the"
                + " listener imaps is 1.2 (raise it, or remove the tag)");
    assertThat(
            errorsOf(
                """
                hostname: mail.example.org
                listeners: [service: imap]
                backends: { imap: { profile: plain, addresses: [10.0.0.5] } }
                deep: { tags: [tls12, tls-cert, office-hours] }
                """))
        .hasSize(2)
        .allMatch(e -> e.contains("there is no certificate"));
  }

  @Test
  @Tag("DEEP-5.3")
  void pointsUsersOfABrokenLatchToTheSupportPage() {
    String page = "support-url: https://help.example.org/\n";
    assertThat(Reading.configuration(page + "deep: { tags: [tls12] }").terms().deep().wire())
        .isEqualTo("tls12 <https://help.example.org/>");
    assertThat(Reading.configuration(page).terms().deep().wire()).isEmpty();
    assertThat(
            Reading.configuration(page.replace("https", "http") + "deep: { tags: [tls12] }")
                .terms()
                .deep()
                .wire())
        .isEqualTo("tls12");
    assertThat(errors("deep: { support: http://help.example.org/ }")).hasSize(1);
  }

  @Test
  void refusesAManagementPortThatAListenerHas() {
    assertThat(errors("management: { address: 127.0.0.1:993 }"))
        .containsExactly(
            "postern.yaml:10: management.address: the listener imaps has this address (another port)");
  }

  @Test
  void refusesLimitsThatContradictEachOther() {
    assertThat(
            errors(
                """
                limits:
                  connections: 10
                  connections-per-address: 11
                  handshake-deadline: 4m
                  pre-login-octets: 4KiB
                """))
        .hasSize(3)
        .anyMatch(e -> e.contains(":12: limits.connections-per-address: "))
        .anyMatch(e -> e.contains(":13: limits.handshake-deadline: longer than login-deadline, 3m"))
        .anyMatch(e -> e.contains(":14: limits.pre-login-octets: "));
  }

  @Test
  void remembersTheLineOfEveryKey() {
    assertThat(valid(MINIMAL).lines())
        .containsEntry("hostname", 1)
        .containsEntry("certificates[0].key", 5)
        .containsEntry("backends.imap.addresses[0]", 9)
        .doesNotContainKey("tls");
  }

  @Test
  void readsAFileAndTakesItsDirectoryForRelativeNames(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("postern.yaml"), MINIMAL);
    ReadResult result = new ConfigurationReader(Reading.PROTOCOLS).read(file);
    assertThat(((ReadResult.Valid) result).configuration().certificates())
        .containsExactly(
            new CertificateSettings(
                "main",
                List.of(),
                new CertificateFiles.Pem(
                    directory.resolve("tls/chain.pem"),
                    directory.resolve("tls/key.pem"),
                    Optional.empty()),
                new StaplingSettings.Off()));
  }

  @Test
  void reportsAFileThatCannotBeRead(@TempDir Path directory) throws IOException {
    Path latin1 =
        Files.write(directory.resolve("latin1.yaml"), new byte[] {'a', ':', ' ', (byte) 0xe4});
    for (Path file : List.of(directory.resolve("missing.yaml"), directory, latin1)) {
      assertThat(new ConfigurationReader(Reading.PROTOCOLS).read(file))
          .isInstanceOfSatisfying(
              ReadResult.Invalid.class, invalid -> assertThat(invalid.problems()).hasSize(1));
    }
  }
}
