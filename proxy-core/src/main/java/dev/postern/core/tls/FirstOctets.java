package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import java.util.List;

/** What the first octets of a connection look like where TLS should begin. */
enum FirstOctets {
  /** A TLS record of a handshake. */
  TLS,
  /** A ClientHello of SSL 2.0 (RFC 5246 appendix E.2), which nobody here answers. */
  SSL_2,
  /** An HTTP request. */
  HTTP,
  /** Anything else. */
  OTHER,
  /** More octets are needed. */
  UNDECIDED;

  private static final int HANDSHAKE = 22;
  private static final List<String> METHODS =
      List.of(
          "GET ",
          "POST ",
          "HEAD ",
          "PUT ",
          "DELETE ",
          "OPTIONS ",
          "CONNECT ",
          "TRACE ",
          "PATCH ",
          "PRI ");

  static FirstOctets judge(ByteBuf octets) {
    int count = octets.readableBytes();
    if (count == 0) {
      return UNDECIDED;
    }
    int at = octets.readerIndex();
    int first = octets.getUnsignedByte(at);
    if (first == HANDSHAKE) {
      return TLS;
    }
    if (first >= 0x80) {
      // two octets of length, then the message's type: client-hello is 1
      return count < 3 ? UNDECIDED : octets.getByte(at + 2) == 1 ? SSL_2 : OTHER;
    }
    for (String method : METHODS) {
      int compared = Math.min(count, method.length());
      if (octets.toString(at, compared, US_ASCII).equals(method.substring(0, compared))) {
        return compared == method.length() ? HTTP : UNDECIDED;
      }
    }
    return OTHER;
  }
}
