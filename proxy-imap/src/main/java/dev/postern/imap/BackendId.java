package dev.postern.imap;

import dev.postern.core.backend.BackendProfile;
import dev.postern.core.protocol.SessionFacts;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The one ID (RFC 2971) that a backend gets before the login: for Dovecot who the client is, for
 * all the cipher suite of a client that came by TLS (DEEP-7.1c) and what the client says of itself.
 */
final class BackendId {
  /** Dovecot's loop guard begins at 7 and falls by one at each proxy. */
  private static final String TTL = "6";

  private BackendId() {}

  /** Writes the command, CRLF included; null when there is nothing to tell. */
  static @Nullable String command(String tag, SessionFacts facts, Client client) {
    StringBuilder list = new StringBuilder("(");
    switch (facts.profile()) {
      case DOVECOT_2_3, DOVECOT_2_4 -> addClient(list, facts, client);
      case POSTFIX, PLAIN -> {}
    }
    client.tls().ifPresent(tls -> ClientId.add(list, "tls", tls.cipherSuite()));
    client.id().forwardTo(list);
    return list.length() == 1 ? null : tag + " ID " + list + ")\r\n";
  }

  private static void addClient(StringBuilder list, SessionFacts facts, Client client) {
    ClientId.add(list, "x-session-id", facts.session());
    ClientId.add(list, "x-originating-ip", address(facts.client()));
    ClientId.add(list, "x-originating-port", Integer.toString(facts.client().getPort()));
    ClientId.add(list, "x-connected-ip", address(facts.local()));
    ClientId.add(list, "x-connected-port", Integer.toString(facts.local().getPort()));
    ClientId.add(list, "x-proxy-ttl", TTL);
    if (facts.profile() == BackendProfile.DOVECOT_2_4) {
      ClientId.add(list, "x-client-transport", client.tls().isPresent() ? "TLS" : "insecure");
      client
          .tls()
          .flatMap(tls -> tls.serverName())
          .ifPresent(name -> ClientId.add(list, "x-connected-name", name));
    }
  }

  /** Writes an address without the zone that Java adds to link-local ones. */
  private static String address(InetSocketAddress socket) {
    InetAddress address = socket.getAddress();
    String text = address == null ? socket.getHostString() : address.getHostAddress();
    int zone = text.indexOf('%');
    return zone < 0 ? text : text.substring(0, zone);
  }
}
