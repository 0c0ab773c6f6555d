package dev.postern.deploy.demo;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;

/** What a person may try with a demo. Every command can be copied as it stands. */
final class Guide {
  private Guide() {}

  static String text(
      StateFolder state,
      Map<String, InetSocketAddress> addresses,
      InetSocketAddress management,
      MailServers servers) {
    String curl = "curl --no-progress-meter --cacert " + quoted(state.authority());
    return """

    Postern runs in front of mail servers that speak cleartext:
      IMAP %1$s, POP3 %2$s, SMTP %3$s
    Users: %4$s password %5$s, %6$s password %7$s
    Configuration, certificate and audit log: %8$s

    Read mail over IMAP, TLS from the first octet (port 993) and by STARTTLS (port 143):
        %9$s --user %10$s 'imaps://localhost:%11$d/INBOX;MAILINDEX=1'
        %9$s --user %10$s --ssl-reqd 'imap://localhost:%12$d/INBOX;MAILINDEX=2'

    The same over POP3 (ports 995 and 110):
        %9$s --user %10$s 'pop3s://localhost:%13$d/1'
        %9$s --user %10$s --ssl-reqd 'pop3://localhost:%14$d/2'

    Send mail to Bob (ports 465 and 587); note the "tls" clause in the Received field that Postern adds:
        printf 'From: %4$s\\r\\nSubject: by TLS\\r\\n\\r\\nHello Bob.\\r\\n' | %9$s --user %10$s --mail-from %4$s --mail-rcpt %6$s -T - smtps://localhost:%15$d
        printf 'From: %4$s\\r\\nSubject: by STARTTLS\\r\\n\\r\\nHello again.\\r\\n' | %9$s --user %10$s --ssl-reqd --mail-from %4$s --mail-rcpt %6$s -T - smtp://localhost:%16$d
        %9$s --user %17$s 'imaps://localhost:%11$d/INBOX;MAILINDEX=2'

    See what TLS was agreed on:
        openssl s_client -brief -CAfile %18$s -verify_return_error -starttls imap -servername localhost -connect localhost:%12$d </dev/null

    See cleartext being refused: the password is never asked for, and the mail server never hears of it:
        curl --no-progress-meter -v --user %10$s 'imap://localhost:%12$d/INBOX'
        printf 'Hello.\\r\\n' | curl --no-progress-meter -v --mail-from %4$s --mail-rcpt %6$s -T - smtp://localhost:%16$d

    See it all counted, and written down:
        curl --no-progress-meter http://127.0.0.1:%19$d/metrics | grep ^postern_tls_handshakes
        curl --no-progress-meter http://127.0.0.1:%19$d/ready
        tail -n 2 %20$s

    Ctrl-C ends it.
    """
        .formatted(
            servers.imap(),
            servers.pop3(),
            servers.submission(),
            Account.ALICE.address(),
            Account.ALICE.password(),
            Account.BOB.address(),
            Account.BOB.password(),
            state.file("").toString(),
            curl,
            Account.ALICE.credentials(),
            port(addresses, "imaps"),
            port(addresses, "imap"),
            port(addresses, "pop3s"),
            port(addresses, "pop3"),
            port(addresses, "submissions"),
            port(addresses, "submission"),
            Account.BOB.credentials(),
            quoted(state.authority()),
            management.getPort(),
            quoted(state.file("audit.json")));
  }

  private static int port(Map<String, InetSocketAddress> addresses, String listener) {
    InetSocketAddress address = addresses.get(listener);
    if (address == null) {
      throw new IllegalStateException("no listener " + listener);
    }
    return address.getPort();
  }

  /** Quotes a file name for a shell. */
  private static String quoted(Path path) {
    return "'" + path.toString().replace("'", "'\\''") + "'";
  }
}
