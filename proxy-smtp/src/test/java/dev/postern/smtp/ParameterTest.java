package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Parameters pass as their extensions write them, and only those of extensions that are offered.
 */
@Tag("CCO-3.3")
class ParameterTest {
  private static final List<String> EVERYTHING =
      List.of(
          "SIZE 1000",
          "8BITMIME",
          "CHUNKING",
          "BINARYMIME",
          "SMTPUTF8",
          "DSN",
          "AUTH PLAIN",
          "DELIVERBY 240",
          "FUTURERELEASE 864000 2027-12-31T23:59:59Z",
          "MT-PRIORITY MIXER");

  private static final List<String> OF_MAIL =
      List.of(
          "SIZE=0",
          "SIZE=123456789012345678",
          "BODY=7BIT",
          "body=8bitmime",
          "BODY=BINARYMIME",
          "SMTPUTF8",
          "RET=FULL",
          "ret=hdrs",
          "ENVID=QQ314159",
          "ENVID=a+2Bb+3D",
          "AUTH=<>",
          "AUTH=alice+2Bx@example.org",
          "BY=240;R",
          "BY=-5;NT",
          "BY=0;n",
          "BY=+999999999;rt",
          "HOLDFOR=1",
          "HOLDFOR=864000",
          "HOLDUNTIL=2027-12-31T23:59:59Z",
          "HOLDUNTIL=2028-01-01T00:59:59+01:00",
          "HOLDUNTIL=2026-12-31T23:59:60Z",
          "HOLDUNTIL=2026-12-01T08:00:00Z",
          "HOLDUNTIL=2026-12-01T08:00:00.25+01:00",
          "MT-PRIORITY=0",
          "MT-PRIORITY=-9",
          "MT-PRIORITY=9");

  private static final List<String> OF_RCPT =
      List.of(
          "NOTIFY=NEVER",
          "NOTIFY=success,FAILURE,DELAY",
          "NOTIFY=DELAY",
          "ORCPT=rfc822;one+2Btwo@example.com",
          "ORCPT=utf-8;\u00c3\u00b6ne@example.com",
          "ORCPT=utf-8;\\x{F6}ne@example.com");

  private static final List<String> BROKEN_OF_MAIL =
      List.of(
          "SIZE",
          "SIZE=",
          "SIZE=-1",
          "SIZE=1K",
          "SIZE=123456789012345678901",
          "SIZE=1=2",
          "BODY",
          "BODY=",
          "BODY=9BIT",
          "SMTPUTF8=",
          "SMTPUTF8=yes",
          "RET",
          "RET=BODY",
          "ENVID",
          "ENVID=",
          "ENVID=a=b",
          "ENVID=a+2bx",
          "ENVID=a+2",
          "ENVID=+",
          "ENVID=" + "x".repeat(101),
          "ENVID=\u00ff",
          "AUTH",
          "AUTH=",
          "AUTH=a=b",
          "BY",
          "BY=120",
          "BY=120;X",
          "BY=0;R",
          "BY=-1;R",
          "BY=1234567890;N",
          "BY=;R",
          "HOLDFOR=0",
          "HOLDFOR=01",
          "HOLDFOR=1234567890",
          "HOLDFOR=-1",
          "HOLDUNTIL=tomorrow",
          "HOLDUNTIL=2026-12-01",
          "HOLDUNTIL=2026-12-01T08:00:00",
          "MT-PRIORITY",
          "MT-PRIORITY=10",
          "MT-PRIORITY=-0",
          "MT-PRIORITY=+1",
          "SIZE=1 SIZE=2",
          "SMTPUTF8 smtputf8",
          "BODY=7BIT body=7bit",
          "HOLDFOR=1 HOLDUNTIL=2026-12-01T08:00:00Z");

  private static final List<String> BROKEN_OF_RCPT =
      List.of(
          "NOTIFY",
          "NOTIFY=",
          "NOTIFY=NEVER,DELAY",
          "NOTIFY=SUCCESS,",
          "NOTIFY=,SUCCESS",
          "NOTIFY=SOMETIMES",
          "ORCPT",
          "ORCPT=one@example.com",
          "ORCPT=;one@example.com",
          "ORCPT=rfc822;",
          "ORCPT=rfc 822;x",
          "ORCPT=rfc(822;x",
          "ORCPT=rfc822;a=b",
          "ORCPT=rfc822;\u00c3\u00b6ne@example.com",
          "ORCPT=rfc822;" + "x".repeat(500),
          "NOTIFY=DELAY NOTIFY=DELAY");

  @Test
  void passWhenOffered() {
    for (String parameter : OF_MAIL) {
      assertThat(mail(parameter, EVERYTHING)).as(parameter).isInstanceOf(Envelope.Passed.class);
    }
    for (String parameter : OF_RCPT) {
      assertThat(rcpt(parameter, EVERYTHING)).as(parameter).isInstanceOf(Envelope.Passed.class);
    }
    assertThat(
            mail(
                String.join(" ", List.of("SIZE=5", "BODY=BINARYMIME", "SMTPUTF8", "RET=FULL")),
                EVERYTHING))
        .isEqualTo(new Envelope.Passed("<a@b.example>", true, true, 5, 29, 30));
  }

  @Test
  void areUnknownWhenNotOffered() {
    for (List<String> offered : List.of(List.<String>of(), List.of("PIPELINING", "CHUNKING"))) {
      for (String parameter : OF_MAIL) {
        assertThat(mail(parameter, offered)).as(parameter).isEqualTo(unknown());
      }
      for (String parameter : OF_RCPT) {
        assertThat(rcpt(parameter, offered)).as(parameter).isEqualTo(unknown());
      }
    }
    for (String parameter : List.of("REQUIRETLS", "XVERP", "RRVS=2014-04-03T23:01:00Z", "=1")) {
      assertThat(mail(parameter, EVERYTHING)).as(parameter).isEqualTo(unknown());
    }
    assertThat(mail("NOTIFY=NEVER", EVERYTHING)).isEqualTo(unknown());
    assertThat(rcpt("SIZE=5", EVERYTHING)).isEqualTo(unknown());
    assertThat(mail("BODY=BINARYMIME", List.of("BINARYMIME", "8BITMIME"))).isEqualTo(unknown());
  }

  @Test
  void areRefusedWhenBroken() {
    for (String parameter : BROKEN_OF_MAIL) {
      assertThat(mail(parameter, EVERYTHING)).as(parameter).isEqualTo(broken());
    }
    for (String parameter : BROKEN_OF_RCPT) {
      String last = parameter.contains("rfc 822") ? "ORCPT=rfc" : parameter;
      assertThat(rcpt(last, EVERYTHING)).as(parameter).isEqualTo(broken());
    }
  }

  @Test
  void aSizeOfTwentyDigitsIsTooLarge() {
    assertThat(mail("SIZE=12345678901234567890", EVERYTHING))
        .isEqualTo(new Envelope.Refused(Replies.MESSAGE_TOO_LARGE));
  }

  /** RFC 4865 §4, RFC 2852 §4. */
  @Test
  void areRefusedBeyondWhatIsOffered() {
    for (String parameter :
        List.of(
            "BY=239;R",
            "BY=1;RT",
            "HOLDFOR=864001",
            "HOLDFOR=999999999",
            "HOLDUNTIL=2028-01-01T00:00:00Z",
            "HOLDUNTIL=2027-12-31T23:59:59.1Z",
            "HOLDUNTIL=2028-01-01t00:59:59-01:00")) {
      assertThat(mail(parameter, EVERYTHING))
          .as(parameter)
          .isEqualTo(new Envelope.Refused(Replies.OUT_OF_BOUNDS));
    }
  }

  @Test
  void haveNoBoundsThatNobodyTells() {
    for (List<String> offered :
        List.of(
            List.of("DELIVERBY", "FUTURERELEASE"),
            List.of("DELIVERBY soon", "FUTURERELEASE long ago"),
            List.of("DELIVERBY -1", "FUTURERELEASE 9999999999999999999999 2027-13-32T99:99:99Z"))) {
      for (String parameter :
          List.of("BY=1;R", "HOLDFOR=999999999", "HOLDUNTIL=9999-12-31T23:59:59Z")) {
        assertThat(mail(parameter, offered))
            .as("%s of %s", parameter, offered)
            .isInstanceOf(Envelope.Passed.class);
      }
    }
  }

  private static Envelope unknown() {
    return new Envelope.Refused(Replies.NO_SUCH_PARAMETER);
  }

  private static Envelope broken() {
    return new Envelope.Refused(Replies.BAD_PARAMETER);
  }

  private static Envelope mail(String parameters, List<String> offered) {
    ByteBuf in = buffer("MAIL FROM:<a@b.example> " + parameters);
    return Envelope.ofMail(in, CommandLine.parse(in), Extensions.of(offered));
  }

  private static Envelope rcpt(String parameters, List<String> offered) {
    ByteBuf in = buffer("RCPT TO:<a@b.example> " + parameters);
    return Envelope.ofRcpt(in, CommandLine.parse(in), Extensions.of(offered));
  }

  private static ByteBuf buffer(String line) {
    return Unpooled.copiedBuffer(line, ISO_8859_1);
  }
}
