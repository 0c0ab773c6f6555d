package dev.postern.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/** The commands in which literals may stand, of RFC 9051 and the extensions. */
final class LiteralCommands {
  private static final byte[][] NAMES =
      words(
          "APPEND",
          "FETCH",
          "UID",
          "SEARCH",
          "SELECT",
          "EXAMINE",
          "STATUS",
          "LIST",
          "LSUB",
          "XLIST",
          "STORE",
          "COPY",
          "MOVE",
          "CREATE",
          "DELETE",
          "RENAME",
          "SUBSCRIBE",
          "UNSUBSCRIBE",
          "ENABLE",
          "SORT",
          "THREAD",
          "ESEARCH",
          "REPLACE",
          "GETACL",
          "SETACL",
          "DELETEACL",
          "LISTRIGHTS",
          "MYRIGHTS",
          "GETQUOTA",
          "SETQUOTA",
          "GETQUOTAROOT",
          "GETMETADATA",
          "SETMETADATA",
          "GETANNOTATION",
          "SETANNOTATION",
          "NOTIFY",
          "GENURLAUTH",
          "RESETKEY",
          "URLFETCH",
          "CONVERT",
          "COMPARATOR",
          "LANGUAGE",
          "XAPPLEPUSHSERVICE",
          "SCAN");

  private LiteralCommands() {}

  static boolean include(ByteBuf in, int from, int length) {
    for (byte[] name : NAMES) {
      if (Octets.are(in, from, length, name)) {
        return true;
      }
    }
    return false;
  }

  private static byte[][] words(String... names) {
    return Arrays.stream(names).map(n -> n.getBytes(US_ASCII)).toArray(byte[][]::new);
  }
}
