package dev.postern.smtp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A reply of the backend, as far as it has come (RFC 5321 §4.2.1).
 *
 * @param code the reply code; 0 before the first line
 * @param lines as they came, code included, one character an octet
 * @param whole whether the last line is there
 */
record BackendReply(int code, List<String> lines, boolean whole) {

  /** Nothing has come yet. */
  static final BackendReply NONE = new BackendReply(0, List.of(), false);

  /** Most lines of one reply. */
  private static final int MOST = 100;

  /** Takes one more line; empty when it cannot be part of this reply. */
  Optional<BackendReply> plus(ByteBuf line) {
    int found = code(line);
    if (found < 0 || (code != 0 && found != code) || lines.size() == MOST) {
      return Optional.empty();
    }
    String text = line.toString(ISO_8859_1);
    if (lines.isEmpty()) {
      return Optional.of(new BackendReply(found, List.of(text), isLast(line)));
    }
    List<String> all = new ArrayList<>(lines);
    all.add(text);
    return Optional.of(new BackendReply(found, List.copyOf(all), isLast(line)));
  }

  /** Returns the reply code of a line, or -1 when the line is none of a reply. */
  static int code(ByteBuf line) {
    int n = line.readableBytes();
    int at = line.readerIndex();
    if (n < 3 || (n > 3 && line.getByte(at + 3) != ' ' && line.getByte(at + 3) != '-')) {
      return -1;
    }
    int code = 0;
    for (int i = 0; i < 3; i++) {
      int digit = line.getByte(at + i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      code = code * 10 + digit;
    }
    return code >= 200 && code < 600 ? code : -1;
  }

  /** Says whether a line of a reply is its last. */
  static boolean isLast(ByteBuf line) {
    return line.readableBytes() == 3 || line.getByte(line.readerIndex() + 3) == ' ';
  }

  /** Says whether the backend did what it was asked. */
  boolean isPositive() {
    return code >= 200 && code < 300;
  }

  /**
   * Returns what stands behind the code in each line but the first: of an EHLO reply, the
   * extensions.
   */
  List<String> extensions() {
    return lines.stream().skip(1).map(l -> l.length() > 4 ? l.substring(4) : "").toList();
  }

  /** Returns the reply as it came. */
  String verbatim() {
    return String.join("\r\n", lines) + "\r\n";
  }
}
