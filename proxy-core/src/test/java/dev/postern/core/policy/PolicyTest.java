package dev.postern.core.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.policy.Decision.Allow;
import dev.postern.core.policy.Decision.Deny;
import dev.postern.core.policy.Decision.Warn;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PolicyTest {
  private static final LocalDate TODAY = LocalDate.of(2026, 11, 22);
  private static final Protection CLEARTEXT = new Protection.Cleartext();
  private static final Protection OLD = new Protection.TlsBelow(TlsVersion.TLS_1_2);

  /** A login in cleartext, of which tests change what they are about. */
  private static final PolicyInput LOGIN =
      new PolicyInput(
          "submission",
          "submission-internal",
          Optional.empty(),
          address("10.1.3.9"),
          Optional.of("scanner@example.org"),
          UserFacts.NONE,
          Optional.of("PLAIN"),
          TODAY);

  @Nested
  class WithoutRules {

    @Test
    @Tag("CCO-4.1a")
    void deniesCleartext() {
      assertThat(Policy.DEFAULT.decide(LOGIN))
          .isEqualTo(new Deny("default", DenialReason.TLS_REQUIRED));
      assertThat(Policy.DEFAULT.admitsSomeone(LOGIN)).isFalse();
    }

    @ParameterizedTest
    @Tag("CCO-4.1d")
    @EnumSource(names = {"TLS_1_0", "TLS_1_1"})
    void deniesTlsBelowTheFloor(TlsVersion version) {
      assertThat(Policy.DEFAULT.decide(tls(version)))
          .isEqualTo(new Deny("default", DenialReason.TLS_TOO_OLD));
      assertThat(Policy.DEFAULT.admitsSomeone(tls(version))).isFalse();
    }

    @ParameterizedTest
    @Tag("CCO-4.1d")
    @EnumSource(names = {"TLS_1_2", "TLS_1_3"})
    void allowsTheFloorAndAbove(TlsVersion version) {
      assertThat(Policy.DEFAULT.decide(tls(version))).isEqualTo(new Allow("default"));
      assertThat(Policy.DEFAULT.admitsSomeone(tls(version))).isTrue();
    }

    @Test
    void asksNoDirectory() {
      assertThat(Policy.DEFAULT.needsDirectory(LOGIN)).isFalse();
    }
  }

  @Nested
  class Exceptions {

    private final Policy policy =
        policy(rule("scanner", Outcome.ALLOW, protectedBy(CLEARTEXT).users("scanner@example.org")));

    @Test
    @Tag("CCO-4.1e")
    void letInWhomTheyName() {
      assertThat(policy.decide(LOGIN)).isEqualTo(new Allow("scanner"));
    }

    @Test
    @Tag("CCO-4.1e")
    void holdEverybodyElseToTheFloor() {
      assertThat(policy.decide(user("new-user@example.org")))
          .isEqualTo(new Deny("default", DenialReason.TLS_REQUIRED));
    }

    @Test
    @Tag("CCO-4.1e")
    void coverTheChannelThatTheyNameAndNoOther() {
      assertThat(policy.decide(tls(TlsVersion.TLS_1_0)))
          .isEqualTo(new Deny("default", DenialReason.TLS_TOO_OLD));
    }

    @Test
    @Tag("CCO-4.1d")
    @Tag("CCO-4.1e")
    void canBeForOldTls() {
      Policy old = policy(rule("old-phone", Outcome.ALLOW, protectedBy(OLD)));
      assertThat(old.decide(tls(TlsVersion.TLS_1_1))).isEqualTo(new Allow("old-phone"));
      assertThat(old.decide(LOGIN)).isEqualTo(new Deny("default", DenialReason.TLS_REQUIRED));
    }

    @ParameterizedTest
    @Tag("CCO-4.1e")
    @CsvSource({"2026-11-21, false", "2026-11-22, true", "2026-11-23, true"})
    void holdUntilTheEndOfTheirLastDay(LocalDate until, boolean inForce) {
      Policy expiring =
          policy(
              new Rule("scanner", "a reason", Optional.of(until), Conditions.NONE, Outcome.ALLOW));
      assertThat(expiring.decide(LOGIN).permits()).isEqualTo(inForce);
      assertThat(expiring.admitsSomeone(LOGIN)).isEqualTo(inForce);
    }
  }

  @Nested
  class WithoutALogin {

    private final Policy policy = policy(withoutLogin("scanners", "10.1.3.0/24"));

    @Test
    @Tag("CCO-4.1a")
    void nobodySendsMailUnlessARuleSaysSo() {
      assertThat(Policy.DEFAULT.decideWithoutLogin(unknown()))
          .isEqualTo(new Deny("default", DenialReason.TLS_REQUIRED));
      assertThat(Policy.DEFAULT.decideWithoutLogin(tls(TlsVersion.TLS_1_3)))
          .isEqualTo(new Deny("default", DenialReason.RULE));
      assertThat(policy(rule("all", Outcome.ALLOW, any())).decideWithoutLogin(unknown()).permits())
          .isFalse();
    }

    @Test
    @Tag("CCO-4.1e")
    void clientsOfTheNetworkDo() {
      assertThat(policy.decideWithoutLogin(unknown()))
          .isEqualTo(new Allow("scanners", BareNewlines.NORMALIZE));
      assertThat(policy(withoutLogin("scanners", "10.1.4.0/24")).decideWithoutLogin(unknown()))
          .isEqualTo(new Deny("default", DenialReason.TLS_REQUIRED));
    }

    @Test
    @Tag("CCO-4.1e")
    void clientsOnAnotherChannelDoNot() {
      assertThat(policy.decideWithoutLogin(tls(TlsVersion.TLS_1_3)).permits()).isFalse();
    }

    @Test
    @Tag("CCO-4.1a")
    void theSameRuleLetsNoPasswordThrough() {
      assertThat(policy.decide(LOGIN)).isEqualTo(new Deny("default", DenialReason.TLS_REQUIRED));
      assertThat(policy.admitsSomeone(LOGIN)).isFalse();
    }

    @Test
    void whomAnEarlierRuleShutsOutDoesNot() {
      Policy shut =
          policy(
              rule("stolen", Outcome.DENY, any().networks("10.1.3.9")),
              withoutLogin("scanners", "10.1.3.0/24"));
      assertThat(shut.decideWithoutLogin(unknown()))
          .isEqualTo(new Deny("stolen", DenialReason.TLS_REQUIRED));
    }

    @Test
    void earlierRulesAboutSomeUsersOrMechanismsDoNotMatter() {
      Policy others =
          policy(
              rule("one", Outcome.DENY, any().users("scanner@example.org")),
              rule("two", Outcome.DENY, any().groups("g")),
              rule("three", Outcome.DENY, any().mechanisms("PLAIN")),
              withoutLogin("scanners", "10.1.3.0/24"));
      assertThat(others.decideWithoutLogin(unknown()).permits()).isTrue();
    }

    @Test
    @Tag("CCO-4.1e")
    void anExpiredRuleDoesNothing() {
      Rule rule = withoutLogin("scanners", "10.1.3.0/24");
      Policy expired =
          policy(
              new Rule(
                  rule.name(),
                  rule.reason(),
                  Optional.of(TODAY.minusDays(1)),
                  rule.when(),
                  rule.then(),
                  rule.bareNewlines(),
                  true));
      assertThat(expired.decideWithoutLogin(unknown()).permits()).isFalse();
    }

    private static PolicyInput unknown() {
      return with(b -> b.user(Optional.empty()).mechanism(Optional.empty()));
    }

    private static Rule withoutLogin(String name, String network) {
      return new Rule(
          name,
          "a reason",
          Optional.empty(),
          protectedBy(CLEARTEXT).networks(network).conditions(),
          Outcome.ALLOW,
          BareNewlines.NORMALIZE,
          true);
    }
  }

  @Nested
  class EachCondition {

    @ParameterizedTest
    @ValueSource(strings = {"submission", "imaps"})
    void ofServices(String service) {
      assertMatches(any().services(service), service.equals("submission"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"submission-internal", "submission"})
    void ofListeners(String listener) {
      assertMatches(any().listeners(listener), listener.equals("submission-internal"));
    }

    @ParameterizedTest
    @CsvSource({"10.1.3.0/24, true", "10.1.4.0/24, false", "2001:db8::/32, false"})
    void ofNetworks(String network, boolean matches) {
      assertMatches(any().networks(network), matches);
    }

    @ParameterizedTest
    @CsvSource({
      "scanner@example.org, true",
      "Scanner@EXAMPLE.org, true",
      "scanner, false",
      "other@example.org, false"
    })
    void ofUsersWithoutRegardToCase(String user, boolean matches) {
      assertMatches(any().users(user), matches);
      Policy policy = policy(rule("r", Outcome.DENY, any().users("scanner@example.org")));
      assertThat(policy.decide(secure(user)).permits()).isEqualTo(!matches);
    }

    @ParameterizedTest
    @CsvSource({
      "scanner@example.org, true",
      "scanner@EXAMPLE.ORG, true",
      "a@b@example.org, true",
      "example.org@other.example, false",
      "scanner@sub.example.org, false",
      "scanner@notexample.org, false",
      "example.org, false",
      "'scanner@', false",
      "'', false"
    })
    void ofDomainsTakesWhatIsBehindTheLastAt(String user, boolean matches) {
      Policy policy = policy(rule("r", Outcome.DENY, any().domains("Example.org")));
      assertThat(policy.decide(secure(user)).permits()).isEqualTo(!matches);
    }

    @Test
    void ofGroups() {
      Policy policy = policy(rule("r", Outcome.DENY, any().groups("cohort-1", "cohort-2")));
      assertThat(policy.decide(groups("cohort-2", "staff")).permits()).isFalse();
      assertThat(policy.decide(groups("staff")).permits()).isTrue();
      assertThat(policy.decide(groups("Cohort-1")).permits()).isTrue();
      assertThat(policy.decide(groups()).permits()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"PLAIN, true", "plain, true", "SCRAM-SHA-256, false"})
    void ofMechanisms(String mechanism, boolean matches) {
      assertMatches(any().mechanisms(mechanism), matches);
    }

    @ParameterizedTest
    @EnumSource
    void ofProtection(TlsVersion version) {
      boolean old = version.compareTo(TlsVersion.TLS_1_2) < 0;
      assertThat(OLD.describes(tls(version).tls())).isEqualTo(old);
      assertThat(new Protection.TlsFrom(TlsVersion.TLS_1_2).describes(tls(version).tls()))
          .isEqualTo(!old);
      assertThat(new Protection.TlsFrom(TlsVersion.TLS_1_0).describes(tls(version).tls())).isTrue();
      assertThat(CLEARTEXT.describes(tls(version).tls())).isFalse();
    }

    @Test
    void ofProtectionOnCleartext() {
      assertThat(CLEARTEXT.describes(Optional.empty())).isTrue();
      assertThat(OLD.describes(Optional.empty())).isFalse();
      assertThat(new Protection.TlsFrom(TlsVersion.TLS_1_0).describes(Optional.empty())).isFalse();
    }

    @Test
    void mustHoldWhenSeveralAreSet() {
      assertMatches(any().services("submission").users("scanner@example.org"), true);
      assertMatches(any().services("imaps").users("scanner@example.org"), false);
      assertMatches(any().services("submission").users("other@example.org"), false);
    }

    @Test
    void holdsWhenOneOfItsValuesDoes() {
      assertMatches(any().services("imaps", "submission"), true);
      assertMatches(any().networks("192.0.2.0/24", "10.0.0.0/8"), true);
    }

    @Test
    void doesNotHoldBeforeWhatItAsksForIsKnown() {
      PolicyInput early = with(b -> b.user(Optional.empty()).mechanism(Optional.empty()));
      for (Builder conditions :
          List.of(
              any().users("scanner@example.org"),
              any().domains("example.org"),
              any().groups("staff"),
              any().mechanisms("PLAIN"))) {
        assertThat(policy(rule("r", Outcome.ALLOW, conditions)).decide(early).rule())
            .isEqualTo("default");
      }
    }

    private void assertMatches(Builder conditions, boolean matches) {
      assertThat(policy(rule("r", Outcome.ALLOW, conditions)).decide(LOGIN).permits())
          .isEqualTo(matches);
    }
  }

  @Nested
  class Order {

    @Test
    @Tag("CCO-4.1a")
    void firstMatchWins() {
      Rule deny = rule("deny", Outcome.DENY, any().networks("10.1.0.0/16"));
      Rule allow = rule("allow", Outcome.ALLOW, any().networks("10.1.3.0/24"));
      assertThat(policy(deny, allow).decide(LOGIN).rule()).isEqualTo("deny");
      assertThat(policy(allow, deny).decide(LOGIN).rule()).isEqualTo("allow");
    }

    @Test
    void stepsOverExpiredRules() {
      Rule expired =
          new Rule(
              "old", "a reason", Optional.of(TODAY.minusDays(1)), Conditions.NONE, Outcome.DENY);
      Rule allow = rule("allow", Outcome.ALLOW, protectedBy(CLEARTEXT));
      assertThat(policy(expired, allow).decide(LOGIN)).isEqualTo(new Allow("allow"));
    }
  }

  @Nested
  class Reasons {

    @Test
    @Tag("CCO-4.1b")
    void areTheSameForEveryDenialOnCleartext() {
      Deny byRule = (Deny) policy(rule("banned", Outcome.DENY, any())).decide(LOGIN);
      Deny byDefault = (Deny) Policy.DEFAULT.decide(LOGIN);
      assertThat(byRule.reason())
          .isEqualTo(byDefault.reason())
          .isEqualTo(DenialReason.TLS_REQUIRED);
    }

    @Test
    @Tag("CCO-4.1d")
    void tellOldTlsFromAnyOtherRule() {
      PolicyInput old = tls(TlsVersion.TLS_1_2);
      Protection below13 = new Protection.TlsBelow(TlsVersion.TLS_1_3);
      assertThat(policy(rule("r", Outcome.DENY, protectedBy(below13))).decide(old))
          .isEqualTo(new Deny("r", DenialReason.TLS_TOO_OLD));
      assertThat(policy(rule("r", Outcome.DENY, any())).decide(old))
          .isEqualTo(new Deny("r", DenialReason.RULE));
      Protection from12 = new Protection.TlsFrom(TlsVersion.TLS_1_2);
      assertThat(policy(rule("r", Outcome.DENY, protectedBy(from12))).decide(old))
          .isEqualTo(new Deny("r", DenialReason.RULE));
    }

    @Test
    @Tag("CCO-4.1a")
    void standInWarnings() {
      assertThat(policy(rule("soon", Outcome.WARN, protectedBy(CLEARTEXT))).decide(LOGIN))
          .isEqualTo(new Warn("soon", DenialReason.TLS_REQUIRED));
    }
  }

  @Nested
  class Advertising {
    // Before credentials the user and the mechanism are unknown.
    private final PolicyInput early =
        with(b -> b.user(Optional.empty()).mechanism(Optional.empty()));

    @Test
    @Tag("CCO-4.1a")
    void countsOnAnExceptionForSomebody() {
      for (Builder somebody : List.of(any().users("a@b"), any().domains("b"), any().groups("g"))) {
        assertThat(policy(rule("r", Outcome.ALLOW, somebody)).admitsSomeone(early)).isTrue();
        assertThat(policy(rule("r", Outcome.WARN, somebody)).admitsSomeone(early)).isTrue();
      }
    }

    @Test
    void doesNotCountOnADenialOfSomebody() {
      PolicyInput secure = with(b -> b.tls(TlsVersion.TLS_1_3).user(Optional.empty()));
      assertThat(policy(rule("r", Outcome.DENY, any().users("a@b"))).admitsSomeone(secure))
          .isTrue();
      assertThat(policy(rule("r", Outcome.DENY, any().users("a@b"))).admitsSomeone(early))
          .as("the default denies")
          .isFalse();
    }

    @Test
    void stopsAtADenialOfEverybody() {
      Rule deny = rule("r", Outcome.DENY, any().networks("10.0.0.0/8"));
      Rule allow = rule("a", Outcome.ALLOW, any().users("a@b"));
      assertThat(policy(deny, allow).admitsSomeone(early)).isFalse();
      assertThat(policy(allow, deny).admitsSomeone(early)).isTrue();
    }

    @Test
    void leavesOutRulesOfOtherChannels() {
      assertThat(
              policy(rule("r", Outcome.ALLOW, protectedBy(OLD).users("a@b"))).admitsSomeone(early))
          .isFalse();
      assertThat(
              policy(rule("r", Outcome.ALLOW, any().services("imap").users("a@b")))
                  .admitsSomeone(early))
          .isFalse();
    }

    @Test
    void takesTheMechanismIntoAccountOnceItIsKnown() {
      Policy plainOnly = policy(rule("r", Outcome.ALLOW, any().mechanisms("PLAIN")));
      assertThat(plainOnly.admitsSomeone(early)).isTrue();
      assertThat(plainOnly.admitsSomeone(LOGIN)).isTrue();
      assertThat(plainOnly.admitsSomeone(with(b -> b.mechanism(Optional.of("LOGIN"))))).isFalse();

      Policy noPlain = policy(rule("r", Outcome.DENY, any().mechanisms("PLAIN")));
      PolicyInput secure = with(b -> b.tls(TlsVersion.TLS_1_3));
      assertThat(noPlain.admitsSomeone(secure)).isFalse();
      assertThat(
              noPlain.admitsSomeone(
                  with(b -> b.tls(TlsVersion.TLS_1_3).mechanism(Optional.empty()))))
          .isTrue();
    }

    @Test
    void looksNeitherAtTheUserNorAtTheFacts() {
      Policy policy = policy(rule("r", Outcome.ALLOW, any().users("somebody-else@example.org")));
      assertThat(policy.admitsSomeone(LOGIN)).isTrue();
    }
  }

  @Nested
  class Directory {
    private final Policy policy =
        policy(
            rule("tls", Outcome.ALLOW, protectedBy(new Protection.TlsFrom(TlsVersion.TLS_1_2))),
            rule("cohort", Outcome.WARN, protectedBy(CLEARTEXT).groups("cohort-1")),
            rule("last", Outcome.DENY, any()));

    @Test
    void isNotNeededWhereAnEarlierRuleDecides() {
      assertThat(policy.needsDirectory(tls(TlsVersion.TLS_1_3))).isFalse();
      assertThat(policy.needsDirectory(LOGIN)).isTrue();
    }

    @Test
    void isNotNeededWhereNoRuleIsAboutTheLogin() {
      Policy elsewhere = policy(rule("r", Outcome.ALLOW, any().services("imap").groups("g")));
      assertThat(elsewhere.needsDirectory(LOGIN)).isFalse();
    }

    @Test
    void isNotNeededForAnExpiredRule() {
      Rule expired =
          new Rule(
              "r",
              "a reason",
              Optional.of(TODAY.minusDays(1)),
              any().groups("g").conditions(),
              Outcome.ALLOW);
      assertThat(policy(expired).needsDirectory(LOGIN)).isFalse();
    }
  }

  private static Policy policy(Rule... rules) {
    return new Policy(List.of(rules));
  }

  private static Rule rule(String name, Outcome outcome, Builder when) {
    return new Rule(name, "a reason", Optional.empty(), when.conditions(), outcome);
  }

  private static Builder any() {
    return new Builder();
  }

  private static Builder protectedBy(Protection protection) {
    Builder builder = new Builder();
    builder.protection = Optional.of(protection);
    return builder;
  }

  private static PolicyInput with(UnaryOperator<InputBuilder> change) {
    return change.apply(new InputBuilder()).input();
  }

  private static PolicyInput tls(TlsVersion version) {
    return with(b -> b.tls(version));
  }

  private static PolicyInput user(String user) {
    return with(b -> b.user(Optional.of(user)));
  }

  private static PolicyInput secure(String user) {
    return with(b -> b.tls(TlsVersion.TLS_1_3).user(Optional.of(user)));
  }

  private static PolicyInput groups(String... groups) {
    return with(b -> b.tls(TlsVersion.TLS_1_3).groups(groups));
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static final class InputBuilder {
    private Optional<TlsFacts> tls = LOGIN.tls();
    private Optional<String> user = LOGIN.user();
    private Optional<String> mechanism = LOGIN.mechanism();
    private UserFacts facts = LOGIN.facts();

    InputBuilder tls(TlsVersion version) {
      tls =
          Optional.of(
              new TlsFacts(
                  version,
                  "TLS_AES_128_GCM_SHA256",
                  Optional.of("x25519"),
                  Optional.empty(),
                  Optional.empty(),
                  false,
                  TlsMode.STARTTLS));
      return this;
    }

    InputBuilder user(Optional<String> user) {
      this.user = user;
      return this;
    }

    InputBuilder mechanism(Optional<String> mechanism) {
      this.mechanism = mechanism;
      return this;
    }

    InputBuilder groups(String... groups) {
      facts = new UserFacts(true, Set.of(groups));
      return this;
    }

    PolicyInput input() {
      return new PolicyInput(
          LOGIN.service(), LOGIN.listener(), tls, LOGIN.client(), user, facts, mechanism, TODAY);
    }
  }

  private static final class Builder {
    private Set<String> services = Set.of();
    private Set<String> listeners = Set.of();
    private List<Network> networks = List.of();
    private Set<String> users = Set.of();
    private Set<String> domains = Set.of();
    private Set<String> groups = Set.of();
    private Set<String> mechanisms = Set.of();
    private Optional<Protection> protection = Optional.empty();

    Builder services(String... names) {
      services = Set.of(names);
      return this;
    }

    Builder listeners(String... names) {
      listeners = Set.of(names);
      return this;
    }

    Builder networks(String... cidr) {
      networks = Arrays.stream(cidr).map(n -> Network.parse(n).orElseThrow()).toList();
      return this;
    }

    Builder users(String... names) {
      users = Set.of(names);
      return this;
    }

    Builder domains(String... names) {
      domains = Set.of(names);
      return this;
    }

    Builder groups(String... names) {
      groups = Set.of(names);
      return this;
    }

    Builder mechanisms(String... names) {
      mechanisms = Set.of(names);
      return this;
    }

    Conditions conditions() {
      return new Conditions(
          services, listeners, networks, users, domains, groups, protection, mechanisms);
    }
  }
}
