package dev.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.backend.BackendOffer;
import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.tls.TlsMode;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class XclientTest {
  private static final String ALL =
      "XCLIENT NAME ADDR PROTO HELO PORT LOGIN SESSION CLIENT-TRANSPORT TTL DESTADDR DESTPORT";

  @Test
  void sendsNothingThatIsNotAdvertised() {
    assertThat(commands(BackendProfile.POSTFIX, "laptop.example", "XCLIENT ADDR"))
        .containsExactly("XCLIENT ADDR=192.0.2.4\r\n");
    assertThat(commands(BackendProfile.POSTFIX, "laptop.example", "XCLIENT")).isEmpty();
    assertThat(commands(BackendProfile.POSTFIX, "laptop.example", "PIPELINING")).isEmpty();
    assertThat(commands(BackendProfile.PLAIN, "laptop.example", ALL)).isEmpty();
  }

  @Test
  void encodesWhatXtextDoesNotAllow() {
    assertThat(commands(BackendProfile.POSTFIX, "a+b=c", "XCLIENT HELO"))
        .containsExactly("XCLIENT HELO=a+2Bb+3Dc\r\n");
    assertThat(commands(BackendProfile.POSTFIX, "b\u00fccher", "XCLIENT HELO")).isEmpty();
  }

  @Test
  void splitsWhatIsTooLongAndKeepsTheAddressLast() {
    List<String> commands =
        commands(BackendProfile.DOVECOT_2_4, "h".repeat(255), ALL + " DESTNAME");
    assertThat(commands).hasSize(1).allMatch(c -> c.length() <= 512);
    String longest = "-".repeat(40) + "+".repeat(70);
    assertThat(commands(BackendProfile.DOVECOT_2_4, longest, ALL))
        .allMatch(c -> c.length() <= 512)
        .last()
        .asString()
        .endsWith(" ADDR=192.0.2.4\r\n");
  }

  @Test
  void leavesOutAValueThatIsTooLong() {
    assertThat(commands(BackendProfile.POSTFIX, "+".repeat(100), "XCLIENT HELO ADDR"))
        .containsExactly("XCLIENT ADDR=192.0.2.4\r\n");
  }

  @Test
  @Tag("CCO-4.2b")
  void namesTheUserTogetherWithTheAddress() {
    String user = "a+b@" + "e".repeat(240);
    assertThat(commands(BackendProfile.POSTFIX, "h".repeat(250), ALL, Optional.of(user)))
        .allMatch(c -> c.length() <= 512)
        .last()
        .asString()
        .endsWith(" PROTO=ESMTP LOGIN=a+2Bb@" + "e".repeat(240) + " ADDR=192.0.2.4\r\n")
        .doesNotContain("HELO=");
    assertThat(commands(BackendProfile.POSTFIX, "laptop.example", ALL, Optional.empty()))
        .noneMatch(c -> c.contains("LOGIN="));
  }

  @Test
  @Tag("CCO-4.2b")
  void namesNobodyWhomTheBackendCouldTakeForAnother() {
    Extensions all = Extensions.of(List.of(ALL));
    assertThat(Xclient.names("alice@example.org", all)).isTrue();
    assertThat(Xclient.names("alice smith", all)).isTrue();
    assertThat(Xclient.names("alice@example.org", Extensions.of(List.of("XCLIENT ADDR"))))
        .isFalse();
    for (String bad :
        List.of(
            "[UNAVAILABLE]",
            "[unavailable]",
            "[TempUnavail]",
            "b\u00fccher",
            "a\u007f",
            "a\r\nMAIL",
            "+".repeat(86))) {
      assertThat(Xclient.names(bad, all)).as(bad).isFalse();
    }
  }

  private static List<String> commands(BackendProfile profile, String helo, String offer) {
    return commands(profile, helo, offer, Optional.empty());
  }

  private static List<String> commands(
      BackendProfile profile, String helo, String offer, Optional<String> user) {
    SessionFacts facts =
        new SessionFacts(
            "01JD0000000000000000000000",
            "submissions",
            TlsMode.IMPLICIT,
            false,
            new InetSocketAddress("192.0.2.4", 4711),
            new InetSocketAddress("198.51.100.1", 465),
            profile,
            new BackendOffer(List.of(), true, List.of()));
    Client client = Client.connected(Optional.empty(), true).introduced(helo, true);
    return Xclient.commands(facts, client, Extensions.of(List.of(offer)), user);
  }
}
