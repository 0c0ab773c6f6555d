package dev.postern.core.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
  private static final Duration DAY = Duration.ofDays(1);

  @ParameterizedTest
  @CsvSource({
    "30s, PT30S",
    "5m, PT5M",
    "24h, PT24H",
    "1d, PT24H",
    "250ms, PT0.25S",
    "30 s, PT30S",
    "0s, PT0S"
  })
  void readsDurations(String text, Duration duration) {
    assertThat(Values.duration(Duration.ZERO, DAY).parse(text)).isEqualTo(Parsed.good(duration));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "30", "s", "-1s", "1.5h", "1h30m", "30S", "5min", "25h", "9999999999s"})
  void refusesOtherDurations(String text) {
    assertThat(Values.duration(Duration.ZERO, DAY).parse(text)).isInstanceOf(Parsed.Wrong.class);
  }

  @ParameterizedTest
  @CsvSource({"1000, 1000", "1000B, 1000", "8KiB, 8192", "8 KiB, 8192", "1MiB, 1048576"})
  void readsSizes(String text, int octets) {
    assertThat(Values.size(1000, 1 << 20).parse(text)).isEqualTo(Parsed.good(octets));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "999", "8KB", "8k", "8kib", "-1", "1.5MiB", "2MiB", "999999999MiB"})
  void refusesOtherSizes(String text) {
    assertThat(Values.size(1000, 1 << 20).parse(text)).isInstanceOf(Parsed.Wrong.class);
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.5:143, 10.0.0.5, 143",
    "10.0.0.5, 10.0.0.5, 110",
    "mail.internal:143, mail.internal, 143",
    "mail, mail, 110",
    "[2001:db8::5]:143, 2001:db8::5, 143",
    "[2001:db8::5], 2001:db8::5, 110",
  })
  void readsWhereAServerIs(String text, String host, int port) {
    HostPort expected = new HostPort(host, port);
    assertThat(Values.hostPort(Optional.of(110)).parse(text)).isEqualTo(Parsed.good(expected));
    assertThat(Values.hostPort(Optional.empty()).parse(expected.toString()))
        .isEqualTo(Parsed.good(expected));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":143",
        "10.0.0.5:",
        "10.0.0.5:0",
        "10.0.0.5:65536",
        "10.0.0.5:imap",
        "10.0.0.500",
        "2001:db8::5",
        "[10.0.0.5]:143",
        "[2001:db8::5",
        "[2001:db8::5]143",
        "-mail:143",
        "mail internal:143",
        "imap://mail.internal"
      })
  void refusesWhereNoServerCanBe(String text) {
    assertThat(Values.hostPort(Optional.of(110)).parse(text)).isInstanceOf(Parsed.Wrong.class);
  }

  @Test
  void asksForThePortWhereThereIsNoUsualOne() {
    assertThat(Values.hostPort(Optional.empty()).parse("10.0.0.5"))
        .isInstanceOf(Parsed.Wrong.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mail:99999| 99999 is not a port (1 to 65535)",
        "mail:imap| \"imap\" is not a port (1 to 65535)",
        "mail:| the port is missing in \"mail:\" (10.0.0.5:110, \"[2001:db8::5]:110\" or mail.internal:110)",
        "::1| an IPv6 address needs brackets (\"[::1]:110\")",
      })
  void saysWhatIsWrongWithWhereAServerIs(String text, String problem) {
    assertThat(words(Values.hostPort(Optional.of(110)).parse(text))).isEqualTo(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        ":99999| 99999 is not a port (1 to 65535)",
        "::1:143| an IPv6 address needs brackets (\"[::1]:143\")",
        "::1| \"::1\" is not an address and port (\"[::]:995\", 0.0.0.0:995 or \":995\")",
        "2001:db8::| \"2001:db8::\" is not an address and port (\"[::]:995\", 0.0.0.0:995 or \":995\")",
        "[::1]| \"[::1]\" is not an address and port (\"[::]:995\", 0.0.0.0:995 or \":995\")",
        "995| \"995\" is not an address and port (\"[::]:995\", 0.0.0.0:995 or \":995\")",
        "localhost:995| \"localhost\" is not an address (\"[2001:db8::1]:995\", 192.0.2.1:995 or \":995\")",
      })
  void saysWhatIsWrongWithAnAddressToListenOn(String text, String problem) {
    assertThat(words(Values.listenAddress(995).parse(text))).isEqualTo(problem);
  }

  private static String words(Parsed<?> parsed) {
    Parsed.Wrong<?> wrong = (Parsed.Wrong<?>) parsed;
    return wrong.message() + wrong.suggestion().map(s -> " (" + s + ")").orElse("");
  }

  @Test
  void keepsMessagesOnOneLine() {
    Parsed<String> wrong = Values.name("a\r\nb".repeat(100));
    assertThat(((Parsed.Wrong<String>) wrong).message()).matches("[ -~]*").hasSizeLessThan(120);
  }
}
