package dev.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.snapshot.TraceSettings.Address;
import dev.postern.core.tls.TlsFacts;
import dev.postern.core.tls.TlsMode;
import dev.postern.core.tls.TlsVersion;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("CCO-4.3")
@Tag("CARD-4")
class TraceFieldTest {
  private static final Instant DATE = Instant.parse("2026-11-22T10:00:00Z");
  private static final String SESSION = "01JD0000000000000000000000";
  private static final Optional<TlsFacts> TLS_1_3 =
      tls(TlsVersion.TLS_1_3, "TLS_AES_128_GCM_SHA256", Optional.of("X25519MLKEM768"));

  @Test
  void standsAsTheStandardsSay() {
    TraceField field =
        field("laptop.example", "2001:db8::7", Address.FULL, "mail.example.org", TLS_1_3, true);
    assertThat(field.write(DATE, false, "<one@example.com>"))
        .isEqualTo(
            """
            Received: from laptop.example ([IPv6:2001:db8::7])
            \tby mail.example.org (Postern) with ESMTPSA id 01JD0000000000000000000000
            \t(TLSv1.3) for <one@example.com>
            \ttls TLS_AES_128_GCM_SHA256 group X25519MLKEM768;
            \tSun, 22 Nov 2026 10:00:00 +0000
            """
                .replace("\n", "\r\n"));
  }

  @Test
  void anUnknownSuiteIsFourDigitsAndNoGroupNoClause() {
    TraceField field =
        field(
            "laptop.example",
            "192.0.2.4",
            Address.FULL,
            "mail.example.org",
            tls(TlsVersion.TLS_1_2, "0xC0FE", Optional.empty()),
            true);
    assertThat(field.write(DATE, false, "")).contains("\ttls 0xC0FE;\r\n").doesNotContain("group");
  }

  @Test
  void withoutTlsThereIsNoTlsClause() {
    TraceField field =
        field(
            "laptop.example",
            "192.0.2.4",
            Address.FULL,
            "mail.example.org",
            Optional.empty(),
            true);
    assertThat(field.write(DATE, false, "")).doesNotContain("tls").doesNotContain("TLS");
  }

  @Test
  void namesTheProtocolAsItWas() {
    assertThat(
            Stream.of(
                    protocol(Optional.empty(), false, false),
                    protocol(TLS_1_3, false, false),
                    protocol(Optional.empty(), true, false),
                    protocol(TLS_1_3, true, false),
                    protocol(Optional.empty(), false, true),
                    protocol(TLS_1_3, false, true),
                    protocol(Optional.empty(), true, true),
                    protocol(TLS_1_3, true, true))
                .toList())
        .containsExactly(
            "ESMTP",
            "ESMTPS",
            "ESMTPA",
            "ESMTPSA",
            "UTF8SMTP",
            "UTF8SMTPS",
            "UTF8SMTPA",
            "UTF8SMTPSA");
  }

  /** There is no word for SMTP with TLS or a login (RFC 3848). */
  @Test
  void namesSmtpWhereNoEhloWasSaid() {
    assertThat(
            Stream.of(
                    protocol(withoutEhlo("a", Optional.empty(), false), false),
                    protocol(withoutEhlo("", Optional.empty(), false), false),
                    protocol(withoutEhlo("a", TLS_1_3, false), false),
                    protocol(withoutEhlo("a", Optional.empty(), true), false))
                .toList())
        .containsExactly("SMTP", "SMTP", "ESMTPS", "ESMTPA");
    assertThat(withoutEhlo("my_pc", Optional.empty(), false).write(DATE, false, ""))
        .contains(" (HELO my_pc)");
  }

  private static String protocol(Optional<TlsFacts> tls, boolean authenticated, boolean utf8) {
    return protocol(field("a", "192.0.2.4", Address.FULL, "b", tls, authenticated), utf8);
  }

  private static String protocol(TraceField field, boolean utf8) {
    return field.write(DATE, utf8, "").split(" with ", 2)[1].split(" ", 2)[0];
  }

  @Test
  void showsOnlyAsMuchOfTheAddressAsIsWanted() {
    assertThat(from("laptop.example", "192.0.2.4", Address.NETWORK))
        .isEqualTo("from laptop.example ([192.0.2.0])");
    assertThat(from("laptop.example", "2001:db8:1:2:3:4:5:6", Address.NETWORK))
        .isEqualTo("from laptop.example ([IPv6:2001:db8:1::])");
    assertThat(from("laptop.example", "192.0.2.4", Address.OMIT)).isEqualTo("from laptop.example");
  }

  @Test
  void anAddressInTheNameGivesNothingAway() {
    for (String helo : List.of("[192.0.2.4]", "192.0.2.4", "[IPv6:2001:db8::7]", "x[192.0.2.4]")) {
      for (Address shown : List.of(Address.NETWORK, Address.OMIT)) {
        assertThat(from(helo, "192.0.2.4", shown)).startsWith("from unknown").doesNotContain("2.4");
      }
    }
    assertThat(from("[192.168.1.5]", "192.0.2.4", Address.FULL))
        .isEqualTo("from [192.168.1.5] ([192.0.2.4])");
  }

  @Test
  void whatIsNoNameBecomesAComment() {
    assertThat(from("my_pc", "192.0.2.4", Address.FULL))
        .isEqualTo("from unknown ([192.0.2.4]) (EHLO my_pc)");
    assertThat(from("a\r\nBcc: x@y)(\\", "192.0.2.4", Address.FULL))
        .isEqualTo("from unknown ([192.0.2.4]) (EHLO a??Bcc:?x@y???)");
    assertThat(from("", "192.0.2.4", Address.FULL)).isEqualTo("from unknown ([192.0.2.4])");
  }

  @Test
  void aStrangeRecipientIsLeftOut() {
    for (String path :
        List.of(
            "<>",
            "<one>",
            "<@relay.example:one@example.com>",
            "<\"one two\"@example.com>",
            "<one@example.com>\r\nBcc: <x@y.example>",
            "<one\r\n@example.com>",
            "<öne@example.com>",
            "<.one@example.com>",
            "<one.@example.com>",
            "<one@-example.com>",
            "one@example.com",
            "<" + "x".repeat(255) + "@example.com>")) {
      assertThat(
              field("a.example", "192.0.2.4", Address.FULL, "b.example", TLS_1_3, true)
                  .write(DATE, false, path))
          .as(path)
          .doesNotContain("for ");
    }
  }

  @Test
  void followsTheGrammarWhateverIsInIt() {
    int fields = 0;
    for (String helo : helos()) {
      for (String client :
          List.of("192.0.2.4", "2001:db8::7", "::1", "1:0:0:2::3", "1:2:3:4:5:6:7:8")) {
        for (Address shown : Address.values()) {
          for (String host : List.of("mail.example.org", "m".repeat(60) + ".example.org")) {
            for (Optional<TlsFacts> tls :
                List.of(
                    Optional.<TlsFacts>empty(),
                    TLS_1_3,
                    tls(TlsVersion.TLS_1_2, "0xC0FE", Optional.empty()),
                    tls(
                        TlsVersion.TLS_1_2,
                        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                        Optional.of("secp256r1")))) {
              for (String recipient :
                  List.of(
                      "",
                      "<one@example.com>",
                      "<one@[192.0.2.1]>",
                      "<" + "l".repeat(64) + "@" + "d.".repeat(90) + "example>",
                      "<x>\r\nBcc: <y>")) {
                TraceField field = field(helo, client, shown, host, tls, fields % 2 == 0);
                check(field, field.write(DATE, fields % 3 == 0, recipient));
                fields++;
              }
            }
          }
        }
      }
    }
    assertThat(fields).isGreaterThan(10_000);
  }

  @Test
  void followsTheGrammarForAnyOctets() {
    Random random = new Random(5321);
    for (int i = 0; i < 20_000; i++) {
      TraceField field =
          field(
              noise(random, 300),
              "192.0.2.4",
              List.of(Address.FULL, Address.NETWORK, Address.OMIT).get(i % 3),
              "mail.example.org",
              i % 2 == 0 ? TLS_1_3 : Optional.empty(),
              true);
      check(field, field.write(DATE, i % 5 == 0, "<" + noise(random, 280) + "@example.com>"));
    }
  }

  private static void check(TraceField from, String field) {
    assertThat(field).matches(Grammar.RECEIVED);
    assertThat(field).hasSizeLessThanOrEqualTo(from.maximumLength());
    assertThat(StandardCharsets.US_ASCII.newEncoder().canEncode(field)).isTrue();
    String[] lines = field.split("\r\n");
    for (int i = 0; i < lines.length; i++) {
      assertThat(lines[i]).hasSizeLessThanOrEqualTo(998);
      // Longer than 78 only where a line is one word that cannot be folded.
      assertThat(lines[i].length() <= 78 || lines[i].strip().indexOf(' ') < 0)
          .as(lines[i])
          .isTrue();
      assertThat(lines[i].isBlank()).as("blank line would end the header").isFalse();
      assertThat(lines[i].startsWith("\t")).as("one field only").isEqualTo(i > 0);
    }
  }

  private static List<String> helos() {
    List<String> all =
        new ArrayList<>(
            List.of(
                "",
                "laptop",
                "laptop.example",
                "xn--bcher-kva.example",
                "a-b.example",
                "-a.example",
                "a..b",
                "a.",
                ".a",
                "my_pc",
                "[192.0.2.99]",
                "[192.0.2.999]",
                "192.0.2.99",
                "[IPv6:fe80::1]",
                "[]",
                "(",
                ")",
                "\\",
                "\"",
                ";",
                "x\r\n\r\nbody",
                "x\u0000y",
                "b\u00fccher",
                "a b",
                "unknown"));
    all.add("a".repeat(255));
    all.add("a.".repeat(127) + "b");
    all.add("_".repeat(255));
    return all;
  }

  private static String noise(Random random, int most) {
    int n = random.nextInt(most);
    StringBuilder s = new StringBuilder();
    String favourites = "..--@<>[]()\\\"\r\n\t ;:,abcXYZ019_";
    for (int i = 0; i < n; i++) {
      s.append(
          random.nextInt(4) == 0
              ? (char) random.nextInt(256)
              : favourites.charAt(random.nextInt(favourites.length())));
    }
    return s.toString();
  }

  private static String from(String helo, String client, Address shown) {
    String field = field(helo, client, shown, "b.example", TLS_1_3, true).write(DATE, false, "");
    return field.substring("Received: ".length(), field.indexOf("\r\n\tby "));
  }

  private static TraceField field(
      String helo,
      String client,
      Address shown,
      String host,
      Optional<TlsFacts> tls,
      boolean authenticated) {
    return field(helo, true, client, shown, host, tls, authenticated);
  }

  private static TraceField withoutEhlo(
      String helo, Optional<TlsFacts> tls, boolean authenticated) {
    return field(helo, false, "192.0.2.4", Address.FULL, "b", tls, authenticated);
  }

  private static TraceField field(
      String helo,
      boolean extended,
      String client,
      Address shown,
      String host,
      Optional<TlsFacts> tls,
      boolean authenticated) {
    try {
      return new TraceField(
          helo, extended, InetAddress.getByName(client), shown, host, SESSION, tls, authenticated);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Optional<TlsFacts> tls(TlsVersion version, String suite, Optional<String> group) {
    return Optional.of(
        new TlsFacts(
            version, suite, group, Optional.empty(), Optional.empty(), false, TlsMode.IMPLICIT));
  }

  /**
   * The grammar, rule by rule from RFC 5321 §4.1.2, §4.1.3 and §4.4, RFC 5322 §3.2 and §3.3,
   * CCO-4.3 and RFC 8314 §4.3; comments nested once. It owes nothing to the class under test.
   */
  private static final class Grammar {
    static final String FWS = "(?:(?:[ \\t]*+\\r\\n)?[ \\t]++)";
    static final String CTEXT = "[!-'*-\\[\\]-~]";
    static final String QUOTED_PAIR = "(?:\\\\[!-~ \\t])";
    static final String INNER =
        "(?:\\((?:" + FWS + "?(?:" + CTEXT + "|" + QUOTED_PAIR + "))*+" + FWS + "?\\))";
    static final String COMMENT =
        "(?:\\((?:"
            + FWS
            + "?(?:"
            + CTEXT
            + "|"
            + QUOTED_PAIR
            + "|"
            + INNER
            + "))*+"
            + FWS
            + "?\\))";
    static final String CFWS = "(?:(?:" + FWS + "?" + COMMENT + ")++" + FWS + "?|" + FWS + ")";

    static final String SUB_DOMAIN = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?";
    static final String DOMAIN = "(?:" + SUB_DOMAIN + "(?:\\." + SUB_DOMAIN + ")*)";
    static final String SNUM = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[0-9]?[0-9])";
    static final String IPV4 = SNUM + "(?:\\." + SNUM + "){3}";
    static final String HEX = "[0-9A-Fa-f]{1,4}";
    static final String IPV6_FULL = HEX + "(?::" + HEX + "){7}";
    static final String IPV6_COMP =
        "(?=(?:[^:\\]]*+:){2,7}[^:\\]]*+\\])(?:"
            + HEX
            + "(?::"
            + HEX
            + "){0,5})?::(?:"
            + HEX
            + "(?::"
            + HEX
            + "){0,5})?";
    static final String LITERAL =
        "\\[(?:" + IPV4 + "|IPv6:(?:" + IPV6_FULL + "|" + IPV6_COMP + "))\\]";
    static final String TCP_INFO = "(?:" + LITERAL + "|" + DOMAIN + FWS + LITERAL + ")";
    static final String EXTENDED_DOMAIN =
        "(?:" + DOMAIN + FWS + "\\(" + TCP_INFO + "\\)|" + LITERAL + FWS + "\\(" + TCP_INFO + "\\)|"
            + DOMAIN + ")";

    static final String ATEXT = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]";
    static final String ATOM = ATEXT + "+";
    static final String DOT_STRING = ATOM + "(?:\\." + ATOM + ")*";
    static final String MAILBOX = DOT_STRING + "@(?:" + DOMAIN + "|" + LITERAL + ")";
    static final String FOR = CFWS + "for" + FWS + "(?:<" + MAILBOX + ">|" + MAILBOX + ")";
    static final String WITH = CFWS + "with" + FWS + "(?:SMTP|(?:UTF8SMTP|ESMTP)S?A?)";
    static final String ID = CFWS + "id" + FWS + ATOM;

    static final String CIPHER = "(?:[A-Za-z][A-Za-z0-9_]*|0x[0-9A-Fa-f]{4})";
    static final String GROUP = "[A-Za-z][A-Za-z0-9_-]*";
    static final String TLS =
        CFWS + "tls" + FWS + CIPHER + "(?:" + CFWS + "group" + FWS + GROUP + ")?";

    static final String DATE_TIME =
        "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),"
            + FWS
            + "[0-9]{1,2}"
            + FWS
            + "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
            + FWS
            + "[0-9]{4,}"
            + FWS
            + "[0-9]{2}:[0-9]{2}:[0-9]{2}"
            + FWS
            + "[+-][0-9]{4}";

    static final Pattern RECEIVED =
        Pattern.compile(
            "Received:"
                + FWS
                + "from"
                + FWS
                + EXTENDED_DOMAIN
                + CFWS
                + "by"
                + FWS
                + EXTENDED_DOMAIN
                + WITH
                + ID
                + "(?:"
                + FOR
                + ")?(?:"
                + TLS
                + ")?"
                + CFWS
                + "?;"
                + FWS
                + DATE_TIME
                + "\\r\\n");
  }
}
