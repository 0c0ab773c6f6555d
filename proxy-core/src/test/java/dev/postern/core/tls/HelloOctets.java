package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** Writes ClientHellos, well-formed or not. */
public record HelloOctets(
    int legacyVersion, List<Integer> suites, List<HelloOctets.Extension> extensions) {

  /** An extension with its octets. */
  public record Extension(int type, List<Integer> octets) {
    Extension(int type, Integer... octets) {
      this(type, List.of(octets));
    }

    static final int STATUS_REQUEST = 5;
    static final int GROUPS = 10;
    static final int SIGNATURES = 13;
    static final int ALPN = 16;
    static final int VERSIONS = 43;

    static Extension serverName(String name) {
      ByteBuf entry = Unpooled.buffer();
      entry.writeByte(0).writeShort(name.length()).writeCharSequence(name, ISO_8859_1);
      return vector(0, entry);
    }

    static Extension pairs(int type, int... values) {
      ByteBuf list = Unpooled.buffer();
      for (int value : values) {
        list.writeShort(value);
      }
      return vector(type, list);
    }

    static Extension alpn(String... names) {
      ByteBuf list = Unpooled.buffer();
      for (String name : names) {
        list.writeByte(name.length()).writeCharSequence(name, ISO_8859_1);
      }
      return vector(ALPN, list);
    }

    static Extension versions(int... values) {
      ByteBuf list = Unpooled.buffer().writeByte(2 * values.length);
      for (int value : values) {
        list.writeShort(value);
      }
      return new Extension(VERSIONS, ints(list));
    }

    private static Extension vector(int type, ByteBuf list) {
      return new Extension(
          type, ints(Unpooled.buffer().writeShort(list.readableBytes()).writeBytes(list)));
    }

    private static List<Integer> ints(ByteBuf octets) {
      List<Integer> ints = new ArrayList<>();
      while (octets.isReadable()) {
        ints.add((int) octets.readUnsignedByte());
      }
      return ints;
    }
  }

  public static HelloOctets of(int legacyVersion, Integer... suites) {
    return new HelloOctets(legacyVersion, List.of(suites), List.of());
  }

  HelloOctets with(Extension extension) {
    List<Extension> more = new ArrayList<>(extensions);
    more.add(extension);
    return new HelloOctets(legacyVersion, suites, more);
  }

  /** The body of the handshake message. */
  byte[] octets() {
    ByteBuf out = Unpooled.buffer().writeShort(legacyVersion).writeZero(32);
    out.writeByte(3).writeZero(3).writeShort(2 * suites.size());
    suites.forEach(out::writeShort);
    out.writeByte(1).writeByte(0);
    if (!extensions.isEmpty()) {
      ByteBuf all = Unpooled.buffer();
      for (Extension extension : extensions) {
        all.writeShort(extension.type()).writeShort(extension.octets().size());
        for (int octet : extension.octets()) {
          all.writeByte(octet);
        }
      }
      out.writeShort(all.readableBytes()).writeBytes(all);
    }
    return ByteBufUtil.getBytes(out);
  }

  /**
   * The whole message in records.
   *
   * @param most octets in one record
   */
  public ByteBuf records(int most) {
    byte[] body = octets();
    ByteBuf message = Unpooled.buffer().writeByte(1).writeMedium(body.length).writeBytes(body);
    ByteBuf out = Unpooled.buffer();
    while (message.isReadable()) {
      int length = Math.min(most, message.readableBytes());
      out.writeByte(22).writeShort(0x0301).writeShort(length).writeBytes(message, length);
    }
    return out;
  }
}
