package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a ClientHello (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2), with extensions or, as TLS
 * 1.0 had it, without. Values that GREASE (RFC 8701) puts in are left out. What is not well-formed
 * is no ClientHello: nothing is guessed, since the TLS engine reads the same octets once more and
 * must not understand anything else.
 */
final class ClientHelloReader {
  private static final int RANDOM = 32;
  private static final int LONGEST_SESSION_ID = 32;

  /** RFC 1035 §2.3.4, without the octets that only the wire has. */
  private static final int LONGEST_NAME = 253;

  private static final int LONGEST_LABEL = 63;

  private static final int SERVER_NAME = 0;
  private static final int STATUS_REQUEST = 5;
  private static final int SUPPORTED_GROUPS = 10;
  private static final int SIGNATURE_ALGORITHMS = 13;
  private static final int ALPN = 16;
  private static final int SUPPORTED_VERSIONS = 43;

  private final ByteBuf in;
  private int at;
  private int end;
  private boolean broken;

  private long extensions;
  private @Nullable List<Integer> versions;
  private List<Integer> signatureSchemes = List.of();
  private List<Integer> namedGroups = List.of();
  private Optional<String> serverName = Optional.empty();
  private List<String> alpn = List.of();
  private boolean statusRequest;

  private ClientHelloReader(ByteBuf in) {
    this.in = in;
    this.at = in.readerIndex();
    this.end = in.writerIndex();
  }

  /**
   * Reads a ClientHello.
   *
   * @param body of the handshake message, without its type and length; its indices stay
   * @return empty when it is malformed
   */
  static Optional<ClientHello> read(ByteBuf body) {
    return new ClientHelloReader(body).read();
  }

  private Optional<ClientHello> read() {
    int legacyVersion = pair();
    skip(RANDOM);
    int sessionId = octet();
    broken |= sessionId > LONGEST_SESSION_ID;
    skip(sessionId);
    List<Integer> cipherSuites = pairs(pair());
    skip(octet());
    if (at < end) {
      int outer = enter(pair());
      while (at < end && !broken) {
        extension();
      }
      leave(outer);
    }
    if (broken || at != end) {
      return Optional.empty();
    }
    return Optional.of(
        new ClientHello(
            known(versions == null ? below(legacyVersion) : versions),
            cipherSuites,
            signatureSchemes,
            namedGroups,
            serverName,
            alpn,
            statusRequest));
  }

  private void extension() {
    int type = pair();
    int outer = enter(pair());
    if (type < Long.SIZE) {
      // a second one of a kind is forbidden (RFC 8446 §4.2), and only one of them would be believed
      broken |= (extensions & 1L << type) != 0;
      extensions |= 1L << type;
    }
    switch (type) {
      case SERVER_NAME -> serverName = serverName();
      case STATUS_REQUEST -> {
        statusRequest = at < end;
        at = end;
      }
      case SUPPORTED_GROUPS -> namedGroups = pairs(pair());
      case SIGNATURE_ALGORITHMS -> signatureSchemes = pairs(pair());
      case ALPN -> alpn = protocols();
      case SUPPORTED_VERSIONS -> versions = pairs(octet());
      default -> at = end;
    }
    broken |= at != end;
    leave(outer);
  }

  /** One name of the kind host_name, the only kind there is (RFC 6066 §3). */
  private Optional<String> serverName() {
    int outer = enter(pair());
    broken |= octet() != 0;
    String name = text(pair());
    broken |= at != end;
    leave(outer);
    return hostName(name);
  }

  private List<String> protocols() {
    List<String> names = new ArrayList<>(2);
    int outer = enter(pair());
    while (at < end && !broken) {
      String name = text(octet());
      broken |= name.isEmpty();
      if (!isGrease(name)) {
        names.add(name);
      }
    }
    leave(outer);
    return names;
  }

  /**
   * Brings a host name into the form that is compared: lower case, without the dot at its end.
   *
   * @return empty for what is no host name, and for addresses, which may not stand there
   */
  static Optional<String> hostName(String name) {
    String bare = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    if (bare.isEmpty() || bare.length() > LONGEST_NAME) {
      return Optional.empty();
    }
    int label = 0;
    boolean digitsOnly = true;
    for (int i = 0; i < bare.length(); i++) {
      char c = bare.charAt(i);
      boolean hyphen = c == '-';
      if (c == '.') {
        if (label == 0 || bare.charAt(i - 1) == '-') {
          return Optional.empty();
        }
        label = 0;
        digitsOnly = true;
      } else if (isLetterOrDigit(c) || (hyphen && label > 0)) {
        label++;
        digitsOnly &= c >= '0' && c <= '9';
      } else {
        return Optional.empty();
      }
      if (label > LONGEST_LABEL) {
        return Optional.empty();
      }
    }
    return label == 0 || digitsOnly || bare.endsWith("-")
        ? Optional.empty()
        : Optional.of(bare.toLowerCase(Locale.ROOT));
  }

  private static boolean isLetterOrDigit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }

  private static List<Integer> below(int legacyVersion) {
    List<Integer> all = new ArrayList<>(3);
    for (int version = Math.min(legacyVersion, 0x0303); version >= 0x0301; version--) {
      all.add(version);
    }
    return all;
  }

  private static List<TlsVersion> known(List<Integer> codes) {
    EnumSet<TlsVersion> versions = EnumSet.noneOf(TlsVersion.class);
    for (int code : codes) {
      switch (code) {
        case 0x0301 -> versions.add(TlsVersion.TLS_1_0);
        case 0x0302 -> versions.add(TlsVersion.TLS_1_1);
        case 0x0303 -> versions.add(TlsVersion.TLS_1_2);
        case 0x0304 -> versions.add(TlsVersion.TLS_1_3);
        default -> {}
      }
    }
    List<TlsVersion> newestFirst = new ArrayList<>(versions);
    Collections.reverse(newestFirst);
    return newestFirst;
  }

  // ---- RFC 8446 §3: numbers and vectors; past the end everything is 0 and the message broken

  private int octet() {
    if (at >= end) {
      broken = true;
      return 0;
    }
    return in.getUnsignedByte(at++);
  }

  private int pair() {
    int high = octet();
    return (high << 8) | octet();
  }

  private void skip(int octets) {
    leave(enter(octets));
  }

  /** Narrows the view to a vector; returns where the view ended before. */
  private int enter(int octets) {
    int outer = end;
    if (octets > end - at) {
      broken = true;
      end = at;
    } else {
      end = at + octets;
    }
    return outer;
  }

  private void leave(int outer) {
    at = end;
    end = outer;
  }

  private List<Integer> pairs(int octets) {
    int outer = enter(octets);
    List<Integer> values = new ArrayList<>((end - at) / 2);
    while (at < end) {
      int value = pair();
      if (!isGrease(value)) {
        values.add(value);
      }
    }
    leave(outer);
    return values;
  }

  private String text(int octets) {
    int outer = enter(octets);
    String text = in.toString(at, end - at, ISO_8859_1);
    leave(outer);
    return text;
  }

  private static boolean isGrease(int value) {
    return (value & 0x0f0f) == 0x0a0a && value >>> 8 == (value & 0xff);
  }

  private static boolean isGrease(String name) {
    return name.length() == 2 && isGrease((name.charAt(0) << 8) | name.charAt(1));
  }
}
