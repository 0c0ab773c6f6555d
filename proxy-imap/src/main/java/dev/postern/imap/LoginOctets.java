package dev.postern.imap;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.core.sasl.Credentials;
import dev.postern.core.sasl.Secret;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of the login command, sent to the backend in one piece; before the next part the backend
 * must ask for it.
 *
 * @param octets line ends included; never shown
 */
record LoginOctets(Secret octets) {

  /**
   * Writes the login as the backend takes it: AUTHENTICATE PLAIN, at once where it offers SASL-IR
   * (RFC 4959), else LOGIN.
   *
   * @param tag of the command
   * @param offer what the backend offers
   * @return the parts; none when the backend has no way to take an authorization identity
   */
  static List<LoginOctets> parts(String tag, Credentials credentials, List<String> offer) {
    Writer writer = new Writer();
    if (Capabilities.offers(offer, "AUTH=PLAIN")) {
      writer.text(tag + " AUTHENTICATE PLAIN");
      if (Capabilities.offers(offer, "SASL-IR")) {
        writer.text(" ");
      } else {
        writer.text("\r\n").end();
      }
      return writer.octets(credentials.plainResponse().reveal()).text("\r\n").end();
    }
    if (!credentials.authorizationIdentity().isEmpty()) {
      return List.of();
    }
    boolean waits =
        !Capabilities.offers(offer, "LITERAL+") && !Capabilities.offers(offer, "LITERAL-");
    return writer
        .text(tag + " LOGIN ")
        .string(credentials.user().getBytes(UTF_8), waits)
        .text(" ")
        .string(credentials.password().reveal(), waits)
        .text("\r\n")
        .end();
  }

  /** Returns the octets in a buffer that becomes the caller's. */
  ByteBuf buffer() {
    return UnpooledByteBufAllocator.DEFAULT.heapBuffer(octets.length()).writeBytes(octets.reveal());
  }

  private static final class Writer {
    private final List<LoginOctets> parts = new ArrayList<>();
    private final ByteArrayOutputStream part = new ByteArrayOutputStream();

    Writer text(String text) {
      return octets(text.getBytes(US_ASCII));
    }

    Writer octets(byte[] octets) {
      part.writeBytes(octets);
      return this;
    }

    /** Writes a quoted string; a literal where the octets cannot stand in one. */
    Writer string(byte[] value, boolean waits) {
      if (quotable(value)) {
        part.write('"');
        for (byte octet : value) {
          if (octet == '"' || octet == '\\') {
            part.write('\\');
          }
          part.write(octet);
        }
        part.write('"');
        return this;
      }
      text("{" + value.length + (waits ? "}\r\n" : "+}\r\n"));
      if (waits) {
        end();
      }
      return octets(value);
    }

    List<LoginOctets> end() {
      parts.add(new LoginOctets(Secret.copyOf(part.toByteArray())));
      part.reset();
      return parts;
    }

    private static boolean quotable(byte[] value) {
      for (byte octet : value) {
        if (octet < ' ' || octet == 0x7f) {
          return false;
        }
      }
      return true;
    }
  }
}
