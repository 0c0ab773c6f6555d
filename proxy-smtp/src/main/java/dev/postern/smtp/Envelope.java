package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.util.EnumSet;
import java.util.Set;

/** The arguments of MAIL and RCPT (RFC 5321 §4.1.1.2, §4.1.1.3). */
sealed interface Envelope {

  /**
   * They can be passed on.
   *
   * @param path as it was given, in angle brackets if they were there
   * @param utf8 whether SMTPUTF8 was among the parameters
   * @param binary whether BODY=BINARYMIME was among them
   * @param size the declared size (RFC 1870); -1 without one
   * @param sizeFrom index of the first digit of the size in the line
   * @param sizeTo index behind its last digit
   */
  record Passed(String path, boolean utf8, boolean binary, long size, int sizeFrom, int sizeTo)
      implements Envelope {

    /** Returns the path without angle brackets. */
    String address() {
      return path.startsWith("<") ? path.substring(1, path.length() - 1) : path;
    }
  }

  /**
   * They cannot.
   *
   * @param reply what the client is told
   */
  record Refused(String reply) implements Envelope {}

  /**
   * Reads the arguments of MAIL.
   *
   * @param offered what the client was offered
   */
  static Envelope ofMail(ByteBuf line, CommandLine command, Extensions offered) {
    return parse(line, command, Parameter.FROM, Parameter.OF_MAIL, offered);
  }

  /**
   * Reads the arguments of RCPT.
   *
   * @param offered what the client was offered
   */
  static Envelope ofRcpt(ByteBuf line, CommandLine command, Extensions offered) {
    return parse(line, command, Parameter.TO, Parameter.OF_RCPT, offered);
  }

  private static Envelope parse(
      ByteBuf line, CommandLine command, String word, Parameter[] known, Extensions offered) {
    int at = command.from();
    int to = command.to();
    if (!CommandLine.startsWith(line, at, to, word)) {
      return new Refused(Replies.BAD_ARGUMENTS);
    }
    at = skipBlanks(line, at + word.length(), to);
    int pathEnd = endOfPath(line, at, to);
    if (pathEnd <= at || (pathEnd < to && line.getByte(pathEnd) != ' ')) {
      return new Refused(Replies.BAD_ARGUMENTS);
    }
    String path = line.toString(at, pathEnd - at, UTF_8);
    Set<Parameter> given = EnumSet.noneOf(Parameter.class);
    boolean binary = false;
    long size = -1;
    int sizeFrom = 0;
    int sizeTo = 0;
    for (at = skipBlanks(line, pathEnd, to); at < to; ) {
      int blank = line.indexOf(at, to, (byte) ' ');
      int end = blank < 0 ? to : blank;
      int equals = line.indexOf(at, end, (byte) '=');
      int keywordEnd = equals < 0 ? end : equals;
      int valueFrom = equals < 0 ? end : equals + 1;
      String value = line.toString(valueFrom, end - valueFrom, ISO_8859_1);
      Parameter parameter = Parameter.find(known, line, at, keywordEnd);
      if (parameter == null || !parameter.isOffered(offered, value)) {
        return new Refused(Replies.NO_SUCH_PARAMETER);
      }
      boolean bare = equals >= 0 && value.isEmpty();
      if (bare || !parameter.allows(value) || !given.add(parameter)) {
        return new Refused(Replies.BAD_PARAMETER);
      }
      if (!parameter.isWithin(offered, value)) {
        return new Refused(Replies.OUT_OF_BOUNDS);
      }
      if (parameter == Parameter.BODY) {
        binary = ParameterValue.isBinary(value);
      } else if (parameter == Parameter.SIZE) {
        sizeFrom = valueFrom;
        sizeTo = end;
        size = number(line, valueFrom, end);
        if (size < 0) {
          // twenty digits are allowed; no server takes as much as the last two make it
          return new Refused(Replies.MESSAGE_TOO_LARGE);
        }
      }
      at = skipBlanks(line, end, to);
    }
    // one time of release is enough (RFC 4865 §4)
    return given.contains(Parameter.HOLDFOR) && given.contains(Parameter.HOLDUNTIL)
        ? new Refused(Replies.BAD_PARAMETER)
        : new Passed(path, given.contains(Parameter.SMTPUTF8), binary, size, sizeFrom, sizeTo);
  }

  /**
   * Finds the end of a path: behind the closing bracket, quoted strings and quoted pairs skipped.
   * Without brackets, which some old clients leave out and servers put up with, the first blank
   * ends it.
   */
  private static int endOfPath(ByteBuf line, int from, int to) {
    boolean brackets = from < to && line.getByte(from) == '<';
    boolean quoted = false;
    for (int i = from; i < to; i++) {
      byte c = line.getByte(i);
      if (c == '\\' && quoted) {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && c == '>') {
        return brackets ? i + 1 : -1;
      } else if (!quoted && c == ' ' && i > from) {
        return brackets ? -1 : i;
      }
    }
    return brackets || quoted ? -1 : to;
  }

  private static int skipBlanks(ByteBuf line, int at, int to) {
    int i = at;
    while (i < to && line.getByte(i) == ' ') {
      i++;
    }
    return i;
  }

  /** Reads a number of at most 18 digits, so that it can still grow; -1 when it is none. */
  static long number(ByteBuf line, int from, int to) {
    if (to <= from || to - from > 18) {
      return -1;
    }
    long n = 0;
    for (int i = from; i < to; i++) {
      int digit = line.getByte(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      n = n * 10 + digit;
    }
    return n;
  }
}
