package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CommandLineTest {
  private static final Extensions ALL =
      Extensions.of(
          List.of(
              "SIZE",
              "8BITMIME",
              "SMTPUTF8",
              "DSN",
              "AUTH PLAIN",
              "DELIVERBY",
              "FUTURERELEASE",
              "MT-PRIORITY"));

  @Test
  void findsEveryVerbInAnyCase() {
    for (Verb verb : Verb.values()) {
      for (String word : List.of(verb.name(), verb.name().toLowerCase(Locale.ROOT))) {
        assertThat(parse(word + "  x y ").verb()).isEqualTo(verb);
        assertThat(parse(word + "X").verb()).isEqualTo(Verb.UNKNOWN);
      }
    }
    assertThat(parse("").verb()).isEqualTo(Verb.UNKNOWN);
    assertThat(parse("   ").verb()).isEqualTo(Verb.UNKNOWN);
    assertThat(parse(" EHLO x").verb()).isEqualTo(Verb.UNKNOWN);
  }

  @Test
  void leavesOutTheBlanksAroundArguments() {
    ByteBuf line = buffer("EHLO   laptop.example  ");
    CommandLine command = CommandLine.parse(line);
    assertThat(command.arguments(line)).isEqualTo("laptop.example");
    assertThat(parse("QUIT ").hasArguments()).isFalse();
  }

  @Test
  void knowsOtherProtocolsByTheirFirstLine() {
    for (String line :
        List.of(
            "GET / HTTP/1.1",
            "post /x HTTP/1.0",
            "PRI * HTTP/2.0",
            "CONNECT mail:25 HTTP/1.1",
            "SSH-2.0-x",
            "PROXY TCP4 192.0.2.1 192.0.2.2 1 2",
            "\u0016\u0003\u0001")) {
      assertThat(CommandLine.isForeign(buffer(line))).as(line).isTrue();
    }
    for (String line : List.of("", "EHLO GET / HTTP/1.1", "GETX", "HELP", "DATA", "a1 LOGIN x y")) {
      assertThat(CommandLine.isForeign(buffer(line))).as(line).isFalse();
    }
  }

  @Test
  void readsEnvelopes() {
    assertThat(mail("MAIL FROM:<a@b.example>"))
        .isEqualTo(new Envelope.Passed("<a@b.example>", false, false, -1, 0, 0));
    assertThat(mail("mail from: <a@b.example>  SIZE=12 smtputf8"))
        .isEqualTo(new Envelope.Passed("<a@b.example>", true, false, 12, 31, 33));
    assertThat(mail("MAIL FROM:<>")).isEqualTo(new Envelope.Passed("<>", false, false, -1, 0, 0));
    assertThat(mail("MAIL FROM:a@b.example BODY=7BIT"))
        .isEqualTo(new Envelope.Passed("a@b.example", false, false, -1, 0, 0));
    assertThat(mail("MAIL FROM:<\"a>\\\" b\"@b.example> RET=FULL"))
        .isEqualTo(new Envelope.Passed("<\"a>\\\" b\"@b.example>", false, false, -1, 0, 0));
  }

  @Test
  void refusesBrokenEnvelopes() {
    for (String line :
        List.of(
            "MAIL",
            "MAIL FROM:",
            "MAIL FROM",
            "MAIL TO:<a@b>",
            "MAIL FROM:<a@b",
            "MAIL FROM:<a@b>SIZE=1",
            "MAIL FROM:<a b@c>",
            "MAIL FROM:a>",
            "MAIL FROM:\"a")) {
      assertThat(mail(line)).as(line).isEqualTo(new Envelope.Refused(Replies.BAD_ARGUMENTS));
    }
    for (String line :
        List.of(
            "MAIL FROM:<a@b> REQUIRETLS",
            "MAIL FROM:<a@b> BODY=BINARYMIME",
            "MAIL FROM:<a@b> NOTIFY=NEVER",
            "MAIL FROM:<a@b> =1",
            "MAIL FROM:<a@b> XVERP")) {
      assertThat(mail(line)).as(line).isEqualTo(new Envelope.Refused(Replies.NO_SUCH_PARAMETER));
    }
  }

  /** Whatever comes, no parser throws or reads beyond the line. */
  @Test
  void survivesAnything() {
    Random random = new Random(821);
    String[] pieces = {
      "MAIL",
      "RCPT",
      "FROM:",
      "TO:",
      "<",
      ">",
      "\"",
      "\\",
      "@",
      " ",
      "=",
      "SIZE=",
      "SIZE",
      "a",
      "9",
      "CLIENT",
      "name=",
      "latch=",
      ",",
      "tls=",
      "BODY",
      "\u00ff",
      "EHLO",
      "SMTPUTF8",
      ":",
      "LAST"
    };
    for (int i = 0; i < 50_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int n = random.nextInt(14); n > 0; n--) {
        text.append(
            random.nextInt(8) == 0
                ? String.valueOf((char) random.nextInt(256))
                : pieces[random.nextInt(pieces.length)]);
      }
      // The line stands in the middle of a buffer, as it does in a session.
      ByteBuf whole = buffer("before" + text + "behind");
      ByteBuf line = whole.slice(6, whole.readableBytes() - 12);
      line = random.nextBoolean() ? line : whole.setIndex(6, whole.writerIndex() - 6);
      CommandLine command = CommandLine.parse(line);
      assertThat(command.from()).isBetween(line.readerIndex(), line.writerIndex());
      assertThat(command.to()).isBetween(command.from(), line.writerIndex());
      CommandLine.isForeign(line);
      BackendReply.code(line);
      BackendReply.NONE.plus(line);
      Introductions.name(command, line);
      Envelope.ofRcpt(line, command, ALL);
      if (Envelope.ofMail(line, command, ALL) instanceof Envelope.Passed p && p.size() >= 0) {
        assertThat(Envelope.number(line, p.sizeFrom(), p.sizeTo())).isEqualTo(p.size());
      }
      ClientReport.parse(line, command)
          .ifPresent(r -> assertThat(r.command(Optional.empty())).matches("CLIENT[ -~]*\r\n"));
    }
  }

  private static Envelope mail(String line) {
    ByteBuf in = buffer(line);
    return Envelope.ofMail(in, CommandLine.parse(in), ALL);
  }

  private static CommandLine parse(String line) {
    return CommandLine.parse(buffer(line));
  }

  private static ByteBuf buffer(String line) {
    return Unpooled.copiedBuffer(line, UTF_8);
  }
}
