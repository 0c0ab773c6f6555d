package dev.postern.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the elements of a command (RFC 9051 §9), literals in place as on the wire. Each method
 * moves behind what it has read, or returns null where something else stands; then the command is
 * malformed.
 */
final class Cursor {
  private final byte[] in;
  private int at;

  Cursor(byte[] in) {
    this.in = in;
  }

  boolean atEnd() {
    return at == in.length;
  }

  /** Moves behind one given octet. */
  boolean skip(char octet) {
    if (at < in.length && in[at] == octet) {
      at++;
      return true;
    }
    return false;
  }

  /** Reads a tag: {@code 1*<any ASTRING-CHAR except "+">}, strictly. */
  @Nullable String tag() {
    int from = at;
    while (at < in.length && isTagChar(in[at])) {
      at++;
    }
    return word(from);
  }

  /**
   * Reads an atom as servers read it: {@code %}, {@code *}, {@code ]} and backslash may stand in
   * it.
   */
  @Nullable String atom() {
    int from = at;
    while (at < in.length && isAtomChar(in[at])) {
      at++;
    }
    return word(from);
  }

  /** Reads a quoted string; only {@code \"} and {@code \\} are escapes. */
  byte @Nullable [] quoted() {
    if (!skip('"')) {
      return null;
    }
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    while (at < in.length) {
      byte octet = in[at++];
      switch (octet) {
        case '"' -> {
          return value.toByteArray();
        }
        case '\\' -> {
          if (at == in.length || (in[at] != '"' && in[at] != '\\')) {
            return null;
          }
          value.write(in[at++]);
        }
        case 0, '\r', '\n' -> {
          return null;
        }
        default -> value.write(octet);
      }
    }
    return null;
  }

  /** Reads a quoted string or a literal. */
  byte @Nullable [] string() {
    return at < in.length && in[at] == '{' ? literal() : quoted();
  }

  /** Reads an atom, a quoted string or a literal. */
  byte @Nullable [] astring() {
    if (at == in.length) {
      return null;
    }
    if (in[at] == '"' || in[at] == '{') {
      return string();
    }
    String atom = atom();
    return atom == null ? null : atom.getBytes(US_ASCII);
  }

  private byte @Nullable [] literal() {
    LiteralMarker marker = new LiteralMarker();
    do {
      marker.feed(in[at++]);
    } while (marker.mayAnnounce() && at < in.length && in[at] != '\n');
    if (at == in.length
        || in[at] != '\n'
        || !marker.endsInCr()
        || !marker.announces()
        || marker.size() > in.length - at - 1) {
      return null;
    }
    int from = at + 1;
    at = from + (int) marker.size();
    return Arrays.copyOfRange(in, from, at);
  }

  /** Says whether an octet may stand in a tag. */
  static boolean isTagChar(byte octet) {
    return isAtomChar(octet) && octet != '+' && octet != '%' && octet != '*' && octet != '\\';
  }

  private static boolean isAtomChar(byte octet) {
    return octet > ' '
        && octet < 0x7f
        && octet != '('
        && octet != ')'
        && octet != '{'
        && octet != '"';
  }

  private @Nullable String word(int from) {
    return at == from ? null : new String(in, from, at - from, US_ASCII);
  }
}
