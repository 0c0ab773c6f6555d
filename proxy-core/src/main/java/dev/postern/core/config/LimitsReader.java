package dev.postern.core.config;

import dev.postern.core.snapshot.Limits;
import dev.postern.core.snapshot.SubmissionLimits;
import java.time.Duration;

/** Reads bounds on clients, and refuses those that a standard forbids. */
final class LimitsReader {
  private static final Duration INSTANT = Duration.ofMillis(1);
  private static final Duration HOUR = Duration.ofHours(1);

  private final Problems problems;

  LimitsReader(Problems problems) {
    this.problems = problems;
  }

  Limits read(Section section) {
    Limits d = Limits.DEFAULT;
    Limits limits =
        new Limits(
            section.value("line-length", d.lineLength(), Values.size(1000, 1 << 16)),
            section.value("literal-size", d.literalSize(), Values.size(256, 1 << 20)),
            section.value("literals", d.literalCount(), Values.number(0, 100)),
            section.value(
                "pre-login-octets", (int) d.preLoginOctets(), Values.size(1 << 12, 1 << 24)),
            section.value("bad-commands", d.badCommands(), Values.number(1, 1000)),
            section.value("pipelined-commands", d.pipelinedCommands(), Values.number(1, 10_000)),
            section.value(
                "handshake-deadline",
                d.handshakeDeadline(),
                Values.duration(Duration.ofSeconds(1), HOUR)),
            section.value(
                "login-deadline", d.loginDeadline(), Values.duration(Duration.ofSeconds(1), HOUR)),
            section.value(
                "idle-timeout", d.idleTimeout(), Values.duration(INSTANT, Duration.ofDays(7))),
            section.value("connections", d.connections(), Values.number(1, 10_000_000)),
            section.value(
                "connections-per-address", d.connectionsPerAddress(), Values.number(1, 10_000_000)),
            section.value(
                "handshakes-per-address", d.handshakesPerAddress(), Values.number(1, 10_000_000)),
            section.value(
                "failed-login-delay",
                d.failedLoginDelay(),
                Values.duration(Duration.ZERO, Duration.ofMinutes(1))),
            section.value("backend-deadline", d.backendDeadline(), Values.duration(INSTANT, HOUR)),
            section.value(
                "drain-deadline", d.drainDeadline(), Values.duration(Duration.ZERO, HOUR)),
            submission(section, d.submission()));
    refuseContradictions(section, limits);
    return limits;
  }

  /** A server must take a hundred recipients (RFC 5321 §4.5.3.1.8). */
  private SubmissionLimits submission(Section section, SubmissionLimits d) {
    return new SubmissionLimits(
        section.value("recipients", d.recipients(), Values.number(100, 100_000)),
        section.value("messages", d.messages(), Values.number(1, 1_000_000)),
        section.value("message-size", (int) d.messageSize(), LimitsReader::messageSize),
        deadline(section, "reply-deadline", d.replyDeadline()),
        deadline(section, "verdict-deadline", d.verdictDeadline()));
  }

  /** What RFC 5321 §4.5.3.2 gives a peer at least is only advice: some networks need less. */
  private Duration deadline(Section section, String key, Duration least) {
    Duration given = section.value(key, least, Values.duration(Duration.ofSeconds(1), HOUR));
    if (given.compareTo(least) < 0) {
      problems.warning(
          section.at(key),
          "shorter than a slow but healthy peer may need (RFC 5321 section 4.5.3.2): mail will be"
              + " sent again",
          Values.words(least) + " or more");
    }
    return given;
  }

  /** A server must take messages of 64 KiB (RFC 5321 §4.5.3.1.7). */
  private static Parsed<Integer> messageSize(String text) {
    return text.equals("off")
        ? Parsed.good(0)
        : Values.size(1 << 16, Integer.MAX_VALUE).parse(text);
  }

  private void refuseContradictions(Section section, Limits limits) {
    if (limits.idleTimeout().compareTo(Duration.ofMinutes(30)) < 0) {
      problems.error(
          section.at("idle-timeout"),
          "a server must not log out an idle client before 30 minutes (RFC 9051 section 5.4)",
          "30m or more");
    }
    if (!section.isWrong("connections")
        && !section.isWrong("connections-per-address")
        && limits.connectionsPerAddress() > limits.connections()) {
      problems.error(
          section.at("connections-per-address"),
          "one address may have more connections than all together, " + limits.connections(),
          "lower it, or raise connections");
    }
    if (!section.isWrong("login-deadline")
        && !section.isWrong("handshake-deadline")
        && limits.handshakeDeadline().compareTo(limits.loginDeadline()) > 0) {
      problems.error(
          section.at("handshake-deadline"),
          "longer than login-deadline, "
              + Values.words(limits.loginDeadline())
              + ", of which it is a part",
          "lower it, or raise login-deadline");
    }
    if (!section.isWrong("pre-login-octets")
        && !section.isWrong("line-length")
        && limits.preLoginOctets() < limits.lineLength()) {
      problems.error(
          section.at("pre-login-octets"),
          "less than one line of " + limits.lineLength() + " octets, which line-length allows",
          "raise it, or lower line-length");
    }
  }
}
