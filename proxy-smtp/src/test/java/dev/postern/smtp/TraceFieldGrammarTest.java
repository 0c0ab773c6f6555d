package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.core.snapshot.TraceSettings.Address;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import io.netty.util.NetUtil;
import jakarta.mail.MessagingException;
import jakarta.mail.internet.InternetHeaders;
import jakarta.mail.internet.MailDateFormat;
import jakarta.mail.internet.MimeUtility;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.text.ParseException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Every combination of what a field is made of is one field of the grammar, and says what is so.
 */
@Tag("CCO-4.3")
@Tag("CARD-4")
class TraceFieldGrammarTest {
  private static final Instant DATE = Instant.parse("2026-11-22T10:00:00Z");
  private static final String HOSTNAME = "mail.example.org";

  private static final List<String> NAMES =
      List.of(
          "",
          "laptop.example",
          "localhost",
          "[192.0.2.77]",
          "[IPv6:2001:db8::9]",
          "[IPv6:::1]",
          "192.0.2.77",
          "x".repeat(63) + ".example",
          "y".repeat(255),
          ("z".repeat(63) + ".").repeat(3) + "z".repeat(63),
          "r\u00e9seau.example",
          "\u00c3\u00a9.example",
          "my_pc",
          "-dash.example",
          "dash-.example",
          "two..dots",
          "dot.",
          "a\tb",
          "\u0001\u007f",
          "a)(comment",
          "(((((",
          "))))",
          "a\\",
          "a\r\nBcc: victim@example.com",
          "a\r\n\r\nbody",
          "x (by evil) with SMTP",
          "x;Thu,",
          "\"quoted\"",
          "[",
          "[]",
          "[300.1.1.1]",
          "[192.0.2.1",
          ";");

  private static final List<String> RECIPIENTS =
      List.of(
          "",
          "<one@example.com>",
          "<o.n.e+tag=x@sub.example.com>",
          "<one@[192.0.2.9]>",
          "<" + "x".repeat(64) + "@" + "y".repeat(63) + ".example>",
          "<\"a b\"@example.com>",
          "<\u00f6ne@example.com>",
          "<a@b>;\r\nX: y",
          "<(c)@example.com>",
          "<>");

  private static final List<Optional<TlsFacts>> TLS =
      List.of(
          Optional.empty(),
          tls(TlsVersion.TLS_1_3, "TLS_AES_128_GCM_SHA256", Optional.of("X25519MLKEM768")),
          tls(
              TlsVersion.TLS_1_2,
              "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
              Optional.of("secp256r1")),
          tls(TlsVersion.TLS_1_2, "TLS_RSA_WITH_AES_128_CBC_SHA", Optional.empty()),
          tls(TlsVersion.TLS_1_0, "0x00FF", Optional.empty()));

  @Test
  void everyCombinationIsOneField() {
    int fields = 0;
    for (String helo : NAMES) {
      for (String address : List.of("192.0.2.4", "2001:db8::7", "::1", "2001:db8:1:2:3:4:5:6")) {
        for (Address shown : Address.values()) {
          for (Optional<TlsFacts> tls : TLS) {
            for (boolean authenticated : List.of(true, false)) {
              TraceField field =
                  new TraceField(
                      helo,
                      true,
                      ip(address),
                      shown,
                      HOSTNAME,
                      "01JD000000000000000000000X",
                      tls,
                      authenticated);
              for (boolean utf8 : List.of(true, false)) {
                for (String recipient : RECIPIENTS) {
                  check(
                      field.write(DATE, utf8, recipient),
                      field,
                      tls,
                      authenticated,
                      utf8,
                      recipient);
                  fields++;
                }
              }
            }
          }
        }
      }
    }
    assertThat(fields).isGreaterThan(70_000);
  }

  private static void check(
      String written,
      TraceField field,
      Optional<TlsFacts> tls,
      boolean authenticated,
      boolean utf8,
      String recipient) {
    ReceivedGrammar.Said said = ReceivedGrammar.read(written);
    String expected =
        (utf8 ? "UTF8SMTP" : "ESMTP") + (tls.isPresent() ? "S" : "") + (authenticated ? "A" : "");
    if (!said.with().equals(expected)
        || !(said.recipient().isEmpty() || said.recipient().equals(recipient))
        || !said.cipher().equals(tls.map(TlsFacts::cipherSuite).orElse(""))
        || said.group() != tls.flatMap(TlsFacts::group).isPresent()
        || written.length() > field.maximumLength()) {
      throw new AssertionError(said + " in " + written);
    }
    checkByJakartaMail(written);
    for (String line : written.split("\r\n")) {
      // only what has no blank in it may be longer than the 78 of RFC 5322 §2.1.1
      if (line.length() > 78 && line.strip().indexOf(' ') >= 0 && !line.startsWith("Received:")) {
        throw new AssertionError("a line that could be folded: " + line);
      }
    }
  }

  /** Somebody else's parser sees one field, the same text and the same date. */
  private static void checkByJakartaMail(String written) {
    try {
      InternetHeaders headers =
          new InternetHeaders(
              new ByteArrayInputStream((written + "Subject: x\r\n\r\n").getBytes(ISO_8859_1)));
      String value = MimeUtility.unfold(headers.getHeader("Received", null));
      String date = value.substring(value.lastIndexOf(';') + 1).strip();
      if (Collections.list(headers.getAllHeaderLines()).size() != 2
          || !("Received: " + value + "\r\n").equals(written.replace("\r\n\t", "\t"))
          || !new MailDateFormat().parse(date).toInstant().equals(DATE)) {
        throw new AssertionError("read as " + value + ": " + written);
      }
    } catch (MessagingException | ParseException e) {
      throw new AssertionError(written, e);
    }
  }

  @Test
  void theOnlyRecipientIsSaidWhereItIsAPlainPath() {
    TraceField field =
        new TraceField("a.example", true, ip("::1"), Address.FULL, HOSTNAME, "1", TLS.get(0), true);
    assertThat(ReceivedGrammar.read(field.write(DATE, false, "<one@[192.0.2.9]>")).recipient())
        .isEqualTo("<one@[192.0.2.9]>");
    assertThat(ReceivedGrammar.read(field.write(DATE, false, "<\"a b\"@x.example>")).recipient())
        .isEmpty();
  }

  @Test
  void datesAreThoseOfTheCalendar() {
    DateTimeFormatter definition =
        DateTimeFormatter.ofPattern("EEE, dd MMM uuuu HH:mm:ss '+0000'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);
    TraceField field =
        new TraceField("a.example", true, ip("::1"), Address.FULL, HOSTNAME, "1", TLS.get(0), true);
    Random random = new Random(5321);
    for (int i = 0; i < 20_000; i++) {
      // from 1970 to 2200
      Instant instant = Instant.ofEpochSecond((long) (random.nextDouble() * 7_258_118_400L));
      assertThat(field.write(instant, false, ""))
          .endsWith("\t" + definition.format(instant) + "\r\n");
    }
  }

  /** The recogniser itself must be able to say no. */
  @Test
  void brokenFieldsAreNone() {
    String good =
        new TraceField(
                "a.example", true, ip("192.0.2.4"), Address.FULL, HOSTNAME, "1", TLS.get(1), true)
            .write(DATE, false, "<one@example.com>");
    ReceivedGrammar.read(good);
    for (String[] change :
        new String[][] {
          {"from a.example", "from a b"},
          {"[192.0.2.4]", "[192.0.2.400]"},
          {"(Postern)", "(Postern"},
          {"(Postern)", "(Post\r\nern)"},
          {"(Postern)", "(Post\u00e9rn)"},
          {"id 1", "id 1 id 2"},
          {"<one@example.com>", "<one example.com>"},
          {"for <", "for <one@example.com> for <"},
          {"tls TLS_", "tls 0xG"},
          {"tls TLS_", "tls 0x"},
          {"group X", "group 1X"},
          {";", ""},
          {"Sun,", "Sunday,"},
          {"+0000\r\n", "+0000\r\n\r\n"},
          {"+0000\r\n", "+0000"},
          {"by mail", "by -mail"}
        }) {
      String bad = good.replace(change[0], change[1]);
      assertThat(bad).isNotEqualTo(good);
      assertThatThrownBy(() -> ReceivedGrammar.read(bad))
          .as(bad)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  private static Optional<TlsFacts> tls(TlsVersion version, String suite, Optional<String> group) {
    return Optional.of(
        new TlsFacts(
            version, suite, group, Optional.empty(), Optional.empty(), false, TlsMode.IMPLICIT));
  }

  private static InetAddress ip(String text) {
    try {
      return InetAddress.getByAddress(NetUtil.createByteArrayFromIpAddressString(text));
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }
}
