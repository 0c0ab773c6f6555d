package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;

/**
 * A command line taken apart (RFC 5321 §4.1.1): a verb, and arguments with the blanks around them
 * left out. Indexes are those of the line's buffer.
 *
 * @param verb what is asked for
 * @param from index of the first octet of the arguments
 * @param to index behind the last; equal to {@code from} when there are none
 * @param printable whether the line is free of control characters
 */
record CommandLine(Verb verb, int from, int to, boolean printable) {

  /**
   * How other protocols begin: what a browser or a port scanner sends to a port it takes for
   * another's.
   */
  private static final String[] FOREIGN = {
    "GET ",
    "POST ",
    "HEAD ",
    "PUT ",
    "OPTIONS ",
    "CONNECT ",
    "DELETE ",
    "PATCH ",
    "TRACE ",
    "PRI * HTTP/",
    "PROXY TCP",
    "PROXY UNKNOWN",
    "SSH-",
  };

  static CommandLine parse(ByteBuf line) {
    int start = line.readerIndex();
    int end = line.writerIndex();
    boolean printable = true;
    for (int i = start; i < end; i++) {
      int c = line.getUnsignedByte(i);
      printable &= c >= ' ' && c != 0x7f;
    }
    while (end > start && line.getByte(end - 1) == ' ') {
      end--;
    }
    int verbEnd = start;
    while (verbEnd < end && line.getByte(verbEnd) != ' ') {
      verbEnd++;
    }
    int from = verbEnd;
    while (from < end && line.getByte(from) == ' ') {
      from++;
    }
    return new CommandLine(Verb.of(line, start, verbEnd), from, end, printable);
  }

  /** Says whether a line belongs to another protocol. */
  static boolean isForeign(ByteBuf line) {
    int first = line.isReadable() ? line.getByte(line.readerIndex()) : 'E';
    if (first < ' ') {
      // A TLS record, or another binary protocol: no SMTP command begins with a control or an 8-bit
      // octet.
      return first != '\t';
    }
    for (String prefix : FOREIGN) {
      if (startsWith(line, line.readerIndex(), line.writerIndex(), prefix)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Says whether a prefix stands at an index; the prefix in upper case, what stands there in any.
   */
  static boolean startsWith(ByteBuf in, int from, int to, String prefix) {
    if (to - from < prefix.length()) {
      return false;
    }
    for (int i = 0; i < prefix.length(); i++) {
      if (Verb.upper(in.getByte(from + i)) != (byte) prefix.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Says whether a line that is no command looks like BDAT to a lenient reader: behind blanks, or
   * with a control character. A chunk follows, whose size is not known (RFC 3030 §2), and what is
   * in it must not be taken for commands.
   */
  boolean hidesChunk(ByteBuf line) {
    if (printable && verb != Verb.UNKNOWN) {
      return false;
    }
    int at = line.readerIndex();
    while (at < line.writerIndex() && line.getUnsignedByte(at) <= ' ') {
      at++;
    }
    return startsWith(line, at, line.writerIndex(), "BDAT");
  }

  boolean hasArguments() {
    return from < to;
  }

  /** Returns the arguments, one character an octet. */
  String arguments(ByteBuf line) {
    return line.toString(from, to - from, ISO_8859_1);
  }
}
