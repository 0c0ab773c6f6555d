package dev.postern.core.config;

import static dev.postern.core.config.Reading.errors;
import static dev.postern.core.config.Reading.warnings;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyReaderTest {

  @Test
  @Tag("CCO-4.1e")
  void asksForNameReasonAndOutcome() {
    assertThat(errors("policy: { rules: [ { when: { users: [a] } } ] }"))
        .hasSize(3)
        .anyMatch(e -> e.startsWith("postern.yaml:10: policy.rules[0].name: missing"))
        .anyMatch(e -> e.startsWith("postern.yaml:10: policy.rules[0].reason: missing"))
        .anyMatch(e -> e.startsWith("postern.yaml:10: policy.rules[0].then: missing"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "services: [imap5]| services[0]: no service \"imap5\" (did you mean imap?)",
        "listeners: [imps]| listeners[0]: no listener \"imps\" (did you mean imaps?)",
        "networks: [10.1.3.4/24]| networks[0]: 10.1.3.4/24 names bits beyond its prefix"
            + " (10.1.3.0/24 for the network, 10.1.3.4 for the one address)",
        "networks: [office]| networks[0]: \"office\" is not a network",
        "domains: [a@example.org]| domains[0]: a domain has no @ (example.org)",
        "groups: [staff]| groups: nothing says who is in a group",
        "protection: ssl| protection: \"ssl\" is no protection",
        "protection: tls<1.4| protection: \"tls<1.4\" is no protection",
        "user: [a]| user: no such key (did you mean users?)",
      })
  void refusesConditionsThatCannotHold(String condition, String problem) {
    assertThat(errors(rule("deny", condition)))
        .singleElement()
        .asString()
        .contains("policy.rules[0].when." + problem);
  }

  @ParameterizedTest
  @Tag("CCO-4.1a")
  @ValueSource(
      strings = {"services", "listeners", "networks", "users", "domains", "groups", "mechanisms"})
  void refusesAConditionThatIsWrittenAndNamesNobody(String condition) {
    for (String empty : List.of("", "~", "[]")) {
      assertThat(errors(rule("allow", condition + ": " + empty + " , protection: cleartext")))
          .containsExactly(
              "postern.yaml:10: policy.rules[0].when."
                  + condition
                  + ": names nobody (leave the key out to mean everybody)");
    }
  }

  @ParameterizedTest
  @Tag("CCO-4.1a")
  @ValueSource(strings = {"allow", "deny"})
  void refusesAProtectionThatIsWrittenWithoutAValue(String then) {
    assertThat(errors(rule(then, "users: [a], protection: ")))
        .singleElement()
        .asString()
        .contains("policy.rules[0].when.protection: names nobody");
  }

  @Test
  void refusesConditionsThatAreWrittenAndAreNotThere() {
    assertThat(errors("policy: { rules: [ { name: a, reason: b, when: , then: deny } ] }"))
        .singleElement()
        .asString()
        .contains("policy.rules[0].when: names nobody");
    assertThat(warnings("policy: { rules: [ { name: a, reason: b, when: {}, then: deny } ] }"))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cleartext", "tls", "tls<1.2", "tls < 1.2", "tls>=1.3", "TLS >= 1.3"})
  void takesEachProtection(String protection) {
    assertThat(warnings(rule("deny", "protection: \"" + protection + "\""))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"accept", "Block", "''"})
  void refusesAnUnknownOutcome(String then) {
    assertThat(errors(rule("\"" + then + "\"", "protection: tls")))
        .singleElement()
        .asString()
        .contains("one of: allow, warn, deny");
  }

  @ParameterizedTest
  @ValueSource(strings = {"31.03.2027", "2027-02-30", "2027-3-31", "tomorrow"})
  void refusesWhatIsNoDate(String date) {
    assertThat(
            errors(
                "policy: { rules: [ { name: a, reason: b, then: deny, until: " + date + " } ] }"))
        .singleElement()
        .asString()
        .contains("policy.rules[0].until: \"" + date + "\" is not a date");
  }

  @ParameterizedTest
  @Tag("CCO-4.1a")
  @ValueSource(strings = {"allow", "warn"})
  void refusesAnExceptionThatDoesNotSayForWhichChannel(String then) {
    assertThat(errors(rule(then, "users: [a]")))
        .singleElement()
        .asString()
        .contains(
            "policy.rules[0].when.protection: missing: the rule would also let passwords through");
  }

  @Test
  @Tag("CCO-4.1e")
  void warnsOfAnExceptionWithoutEnd() {
    assertThat(warnings(rule("allow", "protection: cleartext")))
        .singleElement()
        .asString()
        .contains("policy.rules[0]: allows cleartext for ever");
    assertThat(warnings(rule("allow, until: 2027-03-31", "protection: cleartext"))).isEmpty();
    assertThat(warnings(rule("deny", "protection: cleartext"))).isEmpty();
  }

  @Test
  @Tag("CCO-4.1d")
  void warnsOfAnExceptionForClientsThatTheHandshakeKeepsOut() {
    assertThat(warnings(rule("allow", "protection: tls<1.2")))
        .singleElement()
        .asString()
        .endsWith(
            "no such client gets here: tls.minimum is 1.2"
                + " (remove the rule, or name profile: legacy at a listener)");
    assertThat(warnings("tls: { minimum: 1.3 }\n" + rule("allow", "protection: tls<1.3")))
        .singleElement()
        .asString()
        .endsWith("tls.minimum is 1.3 (lower tls.minimum, or remove the rule)");
    assertThat(warnings("tls: { maximum: 1.2 }\n" + rule("allow", "protection: tls>=1.3")))
        .singleElement()
        .asString()
        .contains("no such client gets here: tls.maximum is 1.2");
  }

  @Test
  @Tag("CCO-4.1d")
  @Tag("CCO-4.1e")
  void permitsExceptionsForOldClientsOfListenersThatCompleteTheirHandshake() {
    String legacy = "listeners: [service: imaps, { service: imap, tls: { profile: legacy } }]\n";
    assertThat(warnings(legacy + rule("allow, until: 2027-03-31", "protection: tls<1.2")))
        .isEmpty();
    assertThat(
            warnings(
                legacy
                    + rule("allow, until: 2027-03-31", "protection: tls<1.2, listeners: [imaps]")))
        .singleElement()
        .asString()
        .contains("no such client gets here: tls.minimum is 1.2");
    assertThat(warnings(legacy + rule("allow", "protection: tls<1.2")))
        .singleElement()
        .asString()
        .contains("policy.rules[0]: allows TLS below 1.2 for ever");
    assertThat(warnings(legacy + rule("deny", "protection: tls<1.3"))).isEmpty();
  }

  @Test
  @Tag("CCO-4.1d")
  void warnsOfARuleThatAlsoAllowsOldVersions() {
    String legacy = "listeners: [service: imaps, { service: imap, tls: { profile: legacy } }]\n";
    assertThat(warnings(legacy + rule("allow", "protection: tls")))
        .containsExactly(
            "postern.yaml:11: policy.rules[0].when.protection: also allows TLS 1.0"
                + " (protection: tls>=1.2 if that is not meant)");
    assertThat(warnings(legacy + rule("allow", "protection: tls>=1.2"))).isEmpty();
    assertThat(warnings(legacy + rule("allow", "protection: tls, listeners: [imaps]"))).isEmpty();
    assertThat(warnings(rule("allow", "protection: tls"))).isEmpty();
  }

  @Test
  void refusesTwoRulesOfOneNameAndTheNameOfTheDefault() {
    assertThat(
            errors(
                """
                policy:
                  rules:
                    - { name: a, reason: r, when: { users: [a] }, then: deny }
                    - { name: a, reason: r, when: { users: [b] }, then: deny }
                    - { name: default, reason: r, when: { users: [c] }, then: deny }
                """))
        .hasSize(2)
        .anyMatch(e -> e.startsWith("postern.yaml:13: policy.rules[1].name: a second rule"))
        .anyMatch(e -> e.startsWith("postern.yaml:14: policy.rules[2].name: the name of the rule"));
  }

  @Test
  void warnsOfARuleThatIsNeverReached() {
    assertThat(
            warnings(
                """
                policy:
                  rules:
                    - { name: all, reason: closed, then: deny }
                    - { name: some, reason: r, when: { users: [a] }, then: deny }
                """))
        .containsExactly(
            "postern.yaml:13: policy.rules[1]: never reached: all, above, matches everything"
                + " (put it above all)");
  }

  @Test
  void warnsOfAUserOutsideTheDomains() {
    assertThat(
            warnings(
                rule("deny", "users: [a@other.example, b@Example.org], domains: [example.org]")))
        .singleElement()
        .asString()
        .contains("a@other.example is in none of the domains");
  }

  @Test
  void warnsOfListenersThatAreForNoneOfTheServices() {
    assertThat(warnings(rule("deny", "services: [imap], listeners: [imaps]")))
        .singleElement()
        .asString()
        .startsWith("postern.yaml:10: policy.rules[0].when.listeners: none of the listeners is");
    assertThat(warnings(rule("deny", "services: [imap], listeners: [imaps, imap]"))).isEmpty();
  }

  @Test
  void warnsOfAMechanismThatNobodyLogsInBy() {
    assertThat(warnings(rule("deny", "mechanisms: [BOGUS, plain, LOGIN, USER]")))
        .containsExactly(
            "postern.yaml:10: policy.rules[0].when.mechanisms: nobody logs in by BOGUS"
                + " (one of: EXTERNAL, LOGIN, PLAIN, USER)");
  }

  @Test
  @Tag("CCO-4.1e")
  void takesARuleForClientsWithoutALogin() {
    assertThat(
            warnings(
                rule(
                    "allow, without-login: true, until: 2027-03-31",
                    "networks: [10.1.3.0/24], services: [submission], protection: cleartext")))
        .isEmpty();
  }

  @ParameterizedTest
  @Tag("CCO-4.1a")
  @CsvSource(
      delimiter = '|',
      value = {
        "allow| protection: tls| when.networks: missing: the rule would let everybody send mail",
        "allow| protection: tls, networks: [10.0.0.0/8, '::/0']| when.networks: the rule would let",
        "allow| protection: tls, networks: [0.0.0.0/0]| when.networks: the rule would let",
        "allow| networks: [10.1.3.7]| when.protection: missing: the rule would also let mail",
        "allow| protection: tls, networks: [10.1.3.7], users: [a]| when.users: who does not log in",
        "warn| protection: tls, networks: [10.1.3.7], domains: [a]| when.domains: who does not",
        "allow| protection: tls, networks: [10.1.3.7], mechanisms: [PLAIN]| when.mechanisms: who",
        "allow| protection: tls, networks: [10.1.3.7], services: [imap]| when.services: imap is of"
            + " no use without a login (services: [submission, submissions])",
        "allow| protection: tls, networks: [10.1.3.7], listeners: [imaps]| when.listeners: imaps"
            + " is of no use without a login",
        "deny| networks: [10.1.3.7]| without-login: nobody sends mail without a login unless",
      })
  void refusesARuleForClientsWithoutALoginThatCannotHold(
      String then, String condition, String problem) {
    assertThat(errors(rule(then + ", without-login: true", condition)))
        .singleElement()
        .asString()
        .contains("policy.rules[0]." + problem);
  }

  @Test
  void aRuleForClientsWithoutALoginIsReachedBehindOneForAllLogins() {
    String behind =
        """
        policy:
          rules:
            - { name: all, reason: r, then: %s }
            - { name: a, reason: r, until: 2027-03-31, then: allow, without-login: true,
                when: { networks: [10.1.3.7], protection: tls } }
        """;
    assertThat(warnings(behind.formatted("deny")))
        .singleElement()
        .asString()
        .contains("never reached: all, above, matches everything");
    String allow = behind.replace("then: %s", "then: allow, when: { protection: tls }");
    assertThat(warnings(allow)).isEmpty();
  }

  @Test
  void asksForTheFileOfADirectory() {
    assertThat(errors("policy: { directory: {} }"))
        .singleElement()
        .asString()
        .contains("policy.directory.file: missing");
  }

  private static String rule(String then, String condition) {
    return "policy: { rules: [ { name: a, reason: b, when: { %s }, then: %s } ] }"
        .formatted(condition, then);
  }
}
