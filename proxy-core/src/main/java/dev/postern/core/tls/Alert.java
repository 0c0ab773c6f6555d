package dev.postern.core.tls;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** A fatal alert (RFC 8446 §6.2) that is sent before there is a TLS engine. */
enum Alert {
  /** The message could not be read. */
  DECODE_ERROR(50),
  /** No version in common. */
  PROTOCOL_VERSION(70),
  /** An extension is missing that this server requires. */
  MISSING_EXTENSION(109),
  /** No certificate for the name asked for (RFC 6066 §3). */
  UNRECOGNIZED_NAME(112),
  /** No application protocol in common (RFC 7301 §3.2). */
  NO_APPLICATION_PROTOCOL(120);

  private static final int CONTENT_TYPE = 21;
  private static final int FATAL = 2;
  private static final int RECORD = 7;

  private final int description;

  Alert(int description) {
    this.description = description;
  }

  /**
   * Makes the record.
   *
   * @param version the newest that the client knows, since old ones take no record of newer ones;
   *     TLS 1.3 has the record version of TLS 1.2
   */
  ByteBuf record(TlsVersion version, ByteBufAllocator allocator) {
    int minor =
        switch (version) {
          case TLS_1_0 -> 1;
          case TLS_1_1 -> 2;
          case TLS_1_2, TLS_1_3 -> 3;
        };
    return allocator
        .ioBuffer(RECORD)
        .writeByte(CONTENT_TYPE)
        .writeByte(3)
        .writeByte(minor)
        .writeShort(2)
        .writeByte(FATAL)
        .writeByte(description);
  }
}
