package dev.postern.deploy.container;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.mail.Store;
import jakarta.mail.Transport;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The main job, done by what is shipped: read and send over each of the six services. */
@WithContainers
class ContainersIT {
  private static final Pattern TRACE =
      Pattern.compile(
          "from laptop\\.example \\(\\[([0-9A-Fa-f:.]+|IPv6:[0-9A-Fa-f:.]+)]\\)"
              + " by (\\S+) \\(Postern\\) with ESMTPSA id ([0-9A-Z]{26}) \\((TLSv1\\.[23])\\)"
              + " for <([^>]+)> tls (\\S+) group (\\S+); .*");

  private final MailSystem system;
  private final PosternContainer postern;
  private final Letter letter;

  ContainersIT(MailSystem system) {
    this.system = system;
    this.postern = system.postern();
    this.letter = Letter.from(system.alice(), system.bob());
  }

  @ParameterizedTest
  @ValueSource(strings = {"imaps", "imap", "pop3s", "pop3"})
  @Tag("CARD-1")
  @Tag("CARD-6")
  void reads(String service) throws Exception {
    MailProgram program = MailProgram.of(postern);
    try (Transport transport = program.send("submissions", system.alice())) {
      letter.send(transport);
    }
    letter.awaitArrival(program);
    assertThat(letter.arrived(program, service))
        .map(Letter.Arrived::content)
        .contains(letter.text());
  }

  @ParameterizedTest
  @CsvSource({
    "submissions, TLSv1.3, TLS_AES_256_GCM_SHA384",
    "submissions, TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "submission, TLSv1.3, TLS_CHACHA20_POLY1305_SHA256",
    "submission, TLSv1.2, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
  })
  @Tag("CARD-6")
  @Tag("CCO-4.3")
  void sendsAndTheMessageTellsHowItWasProtected(String service, String version, String suite)
      throws Exception {
    try (Transport transport =
        MailProgram.offering(postern, version, suite).send(service, system.alice())) {
      letter.send(transport);
    }
    Letter.Arrived arrived = letter.awaitArrival(MailProgram.of(postern));
    assertThat(arrived.content()).isEqualTo(letter.text());
    Matcher trace = TRACE.matcher(arrived.trace());
    assertThat(trace.matches()).as(arrived.trace()).isTrue();
    assertThat(trace.group(2)).isEqualTo(postern.hostname());
    assertThat(trace.group(4)).isEqualTo(version);
    assertThat(trace.group(5)).isEqualTo(system.bob().user());
    assertThat(trace.group(6)).isEqualTo(suite);
    assertThat(trace.group(7)).isNotBlank();
  }

  @Test
  @Tag("CARD-6")
  void postfixIsToldWhoTheClientIs() throws Exception {
    try (Transport transport = MailProgram.of(postern).send("submissions", system.alice())) {
      letter.send(transport);
    }
    Letter.Arrived arrived = letter.awaitArrival(MailProgram.of(postern));
    Matcher trace = TRACE.matcher(arrived.trace());
    assertThat(trace.matches()).as(arrived.trace()).isTrue();
    String client = trace.group(1).replace("IPv6:", "");
    assertThat(client).isNotEqualTo(postern.address());
    String session = trace.group(3);
    assertThat(lineWith(postern.log(), "\"event\":\"submitted\"", session))
        .contains("\"client\":\"" + client + "\"");
    assertThat(lineWith(system.postfixLog(), "client=", "sasl_username=" + system.alice().user()))
        .contains("[" + client + "]");
    assertThat(arrived.received())
        .as("the field of Postfix names the client, too")
        .anyMatch(field -> field.contains("(Postfix)") && field.contains("[" + client + "]"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"imaps", "imap", "pop3s", "pop3"})
  @Tag("CARD-6")
  void dovecotIsToldWhoTheClientIs(String service) throws Exception {
    int before = postern.log().length();
    try (Store store = MailProgram.of(postern).read(service, system.bob())) {
      assertThat(store.isConnected()).isTrue();
    }
    String login = lineWith(postern.log().substring(before), "\"event\":\"login-ended\"", service);
    String session = value(login, "session");
    String client = value(login, "client");
    assertThat(client).isNotEqualTo(postern.address());
    assertThat(lineWith(system.dovecotLog(), "Login: ", session)).contains("rip=" + client + ",");
  }

  private static String value(String json, String key) {
    Matcher matcher = Pattern.compile("\"" + key + "\":\"([^\"]*)\"").matcher(json);
    assertThat(matcher.find()).as(key + " in " + json).isTrue();
    return matcher.group(1);
  }

  /** Returns the last line that holds all the fragments. */
  private static String lineWith(String log, String... fragments) {
    return log.lines()
        .filter(line -> Arrays.stream(fragments).allMatch(line::contains))
        .reduce((first, second) -> second)
        .orElseThrow(() -> new AssertionError(Arrays.toString(fragments) + " not in\n" + log));
  }
}
