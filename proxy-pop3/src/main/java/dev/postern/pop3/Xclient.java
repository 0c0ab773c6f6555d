package dev.postern.pop3;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.SessionFacts;
import dev.postern.core.tls.TlsFacts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Base64;
import java.util.Optional;

/** The XCLIENT command by which a Dovecot that trusts the proxy hears who the client is. */
final class Xclient {
  /** Longest line that Dovecot's login process takes for sure, in octets, CRLF included. */
  static final int LINE_LIMIT = 1024;

  /** Dovecot counts proxies down from 7, to break loops; this proxy is the first. */
  private static final int TTL = 6;

  private static final int SERVER_NAME_LIMIT = 253;

  private Xclient() {}

  /**
   * Writes the command, CRLF included; empty for a backend that knows none.
   *
   * @param tls the client channel's TLS
   */
  static Optional<String> command(SessionFacts facts, Optional<TlsFacts> tls) {
    return switch (facts.profile()) {
      case DOVECOT_2_3 -> Optional.of(line(facts, tls, ""));
      case DOVECOT_2_4 -> Optional.of(line(facts, tls, destination(facts, tls)));
      case POSTFIX, PLAIN -> Optional.empty();
    };
  }

  /** Says whether a backend of this kind can be told. */
  static boolean isKnownTo(BackendProfile profile) {
    return profile == BackendProfile.DOVECOT_2_3 || profile == BackendProfile.DOVECOT_2_4;
  }

  private static String line(SessionFacts facts, Optional<TlsFacts> tls, String destination) {
    String who =
        "XCLIENT ADDR="
            + address(facts.client())
            + " PORT="
            + facts.client().getPort()
            + " SESSION="
            + facts.session()
            + " TTL="
            + TTL;
    String all = who + forward(tls) + destination;
    return (all.length() + 2 <= LINE_LIMIT ? all : who) + "\r\n";
  }

  /** DEEP-7.1c for POP3: the cipher suite, as a field that Dovecot shows as {@code forward_tls}. */
  private static String forward(Optional<TlsFacts> tls) {
    return tls.map(t -> "tls=" + escaped(t.cipherSuite()))
        .map(f -> " FORWARD=" + Base64.getEncoder().encodeToString(f.getBytes(US_ASCII)))
        .orElse("");
  }

  private static String destination(SessionFacts facts, Optional<TlsFacts> tls) {
    return " DESTADDR="
        + address(facts.local())
        + " DESTPORT="
        + facts.local().getPort()
        + " CLIENT-TRANSPORT="
        + (tls.isPresent() ? "TLS" : "insecure")
        + tls.flatMap(TlsFacts::serverName)
            .filter(Xclient::isHostname)
            .map(n -> " DESTNAME=" + n)
            .orElse("");
  }

  /** The name is the client's own word: only what cannot end an argument or the line. */
  private static boolean isHostname(String name) {
    return !name.isEmpty()
        && name.length() <= SERVER_NAME_LIMIT
        && name.chars()
            .allMatch(
                c ->
                    (c >= 'a' && c <= 'z')
                        || (c >= 'A' && c <= 'Z')
                        || (c >= '0' && c <= '9')
                        || c == '.'
                        || c == '-'
                        || c == '_');
  }

  /** Dovecot's tab-escaping: fields are joined by tabs, so these octets are written as two. */
  private static String escaped(String value) {
    return value
        .replace("\001", "\0011")
        .replace("\0", "\0010")
        .replace("\t", "\001t")
        .replace("\r", "\001r")
        .replace("\n", "\001n");
  }

  private static String address(InetSocketAddress socket) {
    InetAddress address = socket.getAddress();
    String text = address == null ? socket.getHostString() : address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }
}
