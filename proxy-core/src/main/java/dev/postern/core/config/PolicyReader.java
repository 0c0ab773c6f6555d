package dev.postern.core.config;

import static java.util.stream.Collectors.toCollection;

import dev.postern.core.policy.BareNewlines;
import dev.postern.core.policy.Conditions;
import dev.postern.core.policy.Network;
import dev.postern.core.policy.Outcome;
import dev.postern.core.policy.Policy;
import dev.postern.core.policy.Protection;
import dev.postern.core.policy.Rule;
import dev.postern.core.sasl.SaslExchange;
import dev.postern.core.tls.TlsVersion;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Reads the rules, and says of each whether it can do what it seems to. */
final class PolicyReader {
  // The SASL mechanisms, one of which is a command of IMAP too, and the command of POP3.
  private static final Set<String> MECHANISMS =
      Stream.concat(SaslExchange.MECHANISMS.stream(), Stream.of("USER"))
          .collect(toCollection(TreeSet::new));

  private final Set<String> services;
  private final Set<String> withoutLogin;
  private final Map<String, ListenerSettings> listeners = new LinkedHashMap<>();
  private final TlsSettings tls;
  private final Problems problems;

  /**
   * Makes a reader.
   *
   * @param services names of all services
   * @param withoutLogin of those where policy may let clients do something without a login
   * @param listeners the listeners there are
   * @param tls what holds where a listener says nothing else
   */
  PolicyReader(
      Set<String> services,
      Set<String> withoutLogin,
      List<ListenerSettings> listeners,
      TlsSettings tls,
      Problems problems) {
    this.services = services;
    this.withoutLogin = withoutLogin;
    listeners.forEach(listener -> this.listeners.put(listener.name(), listener));
    this.tls = tls;
    this.problems = problems;
  }

  PolicySettings read(Section section, Parsed.Parser<Path> path) {
    Section directory = section.section("directory", Shape.DIRECTORY.keys());
    Optional<Path> file =
        section.has("directory")
            ? Optional.of(directory.required("file", Path.of(""), "/etc/postern/users", path))
            : Optional.empty();
    List<Rule> rules = new ArrayList<>();
    for (Section rule : section.sections("rules", Shape.RULE.keys())) {
      rules.add(rule(rule, rules, file.isPresent()));
    }
    return new PolicySettings(file, new Policy(rules));
  }

  private Rule rule(Section section, List<Rule> before, boolean directory) {
    Section when = section.section("when", Shape.CONDITIONS.keys());
    refuseEmptyConditions(section, when);
    Rule rule =
        new Rule(
            section.required("name", "", "scanner-on-third-floor", Values::name),
            section.required("reason", "", "\"cannot do TLS, replaced in March\"", Values::text),
            section.optional("until", Values::date),
            conditions(when),
            section.required(
                "then", Outcome.DENY, "allow", Values.oneOf(Outcome.values(), Outcome::label)),
            section.value(
                "bare-newlines",
                BareNewlines.REJECT,
                Values.oneOf(BareNewlines.values(), BareNewlines::label)),
            section.value("without-login", false, Values::truth));
    refuseTwins(section, rule, before);
    if (!rule.when().groups().isEmpty() && !directory) {
      problems.error(
          when.at("groups"),
          "nothing says who is in a group",
          "policy: { directory: { file: users } }");
    }
    if (rule.then() != Outcome.DENY) {
      checkProtection(section, when, rule);
    }
    if (rule.then() == Outcome.DENY && rule.bareNewlines() == BareNewlines.NORMALIZE) {
      problems.error(
          section.at("bare-newlines"),
          "the rule lets nobody in who could send a message",
          "then: allow, or leave bare-newlines out");
    }
    if (rule.withoutLogin()) {
      checkWithoutLogin(section, when, rule);
    }
    warnOfUsersElsewhere(when, rule.when());
    warnOfListenersElsewhere(when, rule.when());
    warnOfUnknownMechanisms(when, rule.when());
    return rule;
  }

  // A list that lost its last entry, or was filled in by a template from nothing, would turn an
  // exception for a few into one for everybody.
  private void refuseEmptyConditions(Section rule, Section when) {
    String message = "names nobody";
    String suggestion = "leave the key out to mean everybody";
    if (rule.isWritten("when") && !rule.has("when")) {
      problems.error(rule.at("when"), message, suggestion);
    }
    when.refuseEmpty(message, suggestion);
  }

  private Conditions conditions(Section when) {
    return new Conditions(
        Set.copyOf(when.list("services", Values.nameOf("service", services))),
        Set.copyOf(when.list("listeners", Values.nameOf("listener", listeners.keySet()))),
        when.list("networks", Values::network),
        Set.copyOf(when.list("users", Values::text)),
        Set.copyOf(when.list("domains", PolicyReader::domain)),
        Set.copyOf(when.list("groups", Values::name)),
        when.optional("protection", Values::protection),
        Set.copyOf(when.list("mechanisms", Values::name)));
  }

  private static Parsed<String> domain(String text) {
    return text.indexOf('@') < 0
        ? Values.text(text)
        : Parsed.wrong("a domain has no @", text.substring(text.lastIndexOf('@') + 1));
  }

  private void refuseTwins(Section section, Rule rule, List<Rule> before) {
    if (rule.name().equals(Policy.DEFAULT_RULE)) {
      problems.error(
          section.at("name"),
          "the name of the rule that decides when no other does",
          "another name");
    }
    for (Rule other : before) {
      if (!rule.name().isEmpty() && other.name().equals(rule.name())) {
        problems.error(section.at("name"), "a second rule named " + rule.name(), "another name");
      }
      boolean aboutIt = !rule.withoutLogin() || other.then() == Outcome.DENY;
      if (aboutIt && other.when().equals(Conditions.NONE) && other.until().isEmpty()) {
        problems.warning(
            section.whole(),
            "never reached: " + other.name() + ", above, matches everything",
            "put it above " + other.name());
      }
    }
  }

  // An exception that forgets to say which channel it is about would let passwords through in
  // cleartext unasked.
  private void checkProtection(Section section, Section when, Rule rule) {
    switch (rule.when().protection().orElse(null)) {
      case null -> {
        if (!when.isWritten("protection")) {
          problems.error(
              when.at("protection"),
              rule.withoutLogin()
                  ? "missing: the rule would also let mail through in cleartext"
                  : "missing: the rule would also let passwords through in cleartext",
              "protection: tls if that is not meant, protection: cleartext if it is");
        }
      }
      case Protection.Cleartext cleartext -> warnWithoutEnd(section, rule);
      case Protection.TlsBelow(TlsVersion version) -> {
        TlsVersion oldest = oldest(rule.when());
        boolean belowFloor = version.compareTo(Policy.FLOOR) <= 0;
        if (version.compareTo(oldest) <= 0) {
          problems.warning(
              when.at("protection"),
              "no such client gets here: tls.minimum is " + oldest.number(),
              belowFloor
                  ? "remove the rule, or name profile: legacy at a listener"
                  : "lower tls.minimum, or remove the rule");
        } else if (belowFloor && rule.until().isEmpty()) {
          problems.warning(
              section.whole(),
              "allows TLS below " + Policy.FLOOR.number() + " for ever",
              "until: " + LocalDate.of(2027, 12, 31));
        }
      }
      case Protection.TlsFrom(TlsVersion version) -> {
        TlsVersion newest = newest(rule.when());
        if (version.compareTo(newest) > 0) {
          problems.warning(
              when.at("protection"),
              "no such client gets here: tls.maximum is " + newest.number(),
              "raise tls.maximum, or remove the rule");
        }
        warnOfOldVersions(when, rule, version);
      }
    }
  }

  // Written when nothing below the floor got here, such a rule would lift it for a listener that
  // comes to permit old versions later.
  private void warnOfOldVersions(Section when, Rule rule, TlsVersion version) {
    TlsVersion oldest = oldest(rule.when());
    if (version.compareTo(Policy.FLOOR) < 0 && oldest.compareTo(Policy.FLOOR) < 0) {
      problems.warning(
          when.at("protection"),
          "also allows TLS " + (version.compareTo(oldest) < 0 ? oldest : version).number(),
          "protection: tls>=" + Policy.FLOOR.number() + " if that is not meant");
    }
  }

  // Whoever such a rule is about sends mail as whom they like, so it must say where they are, and
  // must not seem to ask for what nobody has told by then.
  private void checkWithoutLogin(Section section, Section when, Rule rule) {
    if (rule.then() == Outcome.DENY) {
      problems.error(
          section.at("without-login"),
          "nobody sends mail without a login unless a rule allows it",
          "then: allow, or leave without-login out");
    }
    List<Network> networks = rule.when().networks();
    if (networks.isEmpty() && !when.isWritten("networks")) {
      problems.error(
          when.at("networks"),
          "missing: the rule would let everybody send mail without a login",
          "networks: [10.1.3.0/24]");
    } else if (networks.stream().anyMatch(network -> network.prefix() == 0)) {
      problems.error(
          when.at("networks"),
          "the rule would let everybody send mail without a login",
          "the addresses of the devices, or their network");
    }
    for (String key : List.of("users", "domains", "groups", "mechanisms")) {
      if (when.has(key)) {
        problems.error(
            when.at(key),
            "who does not log in says neither a name nor a mechanism",
            "networks and protection only, or leave without-login out");
      }
    }
    for (String service : new TreeSet<>(rule.when().services())) {
      refuseWithoutLogin(when, "services", service, service);
    }
    for (String name : new TreeSet<>(rule.when().listeners())) {
      ListenerSettings listener = listeners.get(name);
      if (listener != null) {
        refuseWithoutLogin(when, "listeners", name, listener.service());
      }
    }
  }

  private void refuseWithoutLogin(Section when, String key, String name, String service) {
    if (!withoutLogin.contains(service)) {
      problems.error(
          when.at(key),
          name + " is of no use without a login",
          "services: [" + String.join(", ", new TreeSet<>(withoutLogin)) + "]");
    }
  }

  private TlsVersion oldest(Conditions conditions) {
    return reached(conditions)
        .map(listener -> listener.tls().minimum())
        .min(Comparator.naturalOrder())
        .orElse(tls.minimum());
  }

  private TlsVersion newest(Conditions conditions) {
    return reached(conditions)
        .map(listener -> listener.tls().maximum())
        .max(Comparator.naturalOrder())
        .orElse(tls.maximum());
  }

  private Stream<ListenerSettings> reached(Conditions conditions) {
    return listeners.values().stream()
        .filter(
            listener ->
                conditions.listeners().isEmpty()
                    || conditions.listeners().contains(listener.name()))
        .filter(
            listener ->
                conditions.services().isEmpty()
                    || conditions.services().contains(listener.service()));
  }

  private boolean isOfService(Conditions conditions, String name) {
    ListenerSettings listener = listeners.get(name);
    return listener != null && conditions.services().contains(listener.service());
  }

  private void warnWithoutEnd(Section section, Rule rule) {
    if (rule.until().isEmpty()) {
      problems.warning(
          section.whole(), "allows cleartext for ever", "until: " + LocalDate.of(2027, 12, 31));
    }
  }

  private void warnOfListenersElsewhere(Section when, Conditions conditions) {
    if (conditions.listeners().isEmpty() || conditions.services().isEmpty()) {
      return;
    }
    if (conditions.listeners().stream().noneMatch(listener -> isOfService(conditions, listener))) {
      problems.warning(
          when.at("listeners"),
          "none of the listeners is for one of the services, so the rule never matches",
          "name only the one or the other");
    }
  }

  private void warnOfUnknownMechanisms(Section when, Conditions conditions) {
    for (String mechanism : new TreeSet<>(conditions.mechanisms())) {
      if (!MECHANISMS.contains(mechanism)) {
        problems.warning(
            when.at("mechanisms"),
            "nobody logs in by " + mechanism,
            "one of: " + String.join(", ", MECHANISMS));
      }
    }
  }

  private void warnOfUsersElsewhere(Section when, Conditions conditions) {
    if (conditions.domains().isEmpty()) {
      return;
    }
    for (String user : conditions.users()) {
      String domain = user.substring(user.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT);
      if (user.indexOf('@') < 0 || !conditions.domains().contains(domain)) {
        problems.warning(
            when.at("users"),
            user + " is in none of the domains, and all conditions of a rule must hold",
            "write two rules");
      }
    }
  }
}
