package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** All that lies in an inbox, read past the proxy. */
final class Inbox {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Pattern EXISTS = Pattern.compile("\\* (\\d+) EXISTS");
  private static final Pattern LITERAL = Pattern.compile("\\{(\\d+)}$");

  private Inbox() {}

  /**
   * Returns all that an inbox holds once nothing is on its way any more: a message given to Postfix
   * after all others has arrived, and none of those before waits.
   */
  static List<String> settled(MailBackends backends, Account account) throws IOException {
    String id = "<" + UUID.randomUUID() + "@marker.test>";
    try (SmtpClient client = SmtpClient.direct(backends.submission())) {
      client.loggedIn(account).envelope(account.user(), account.user());
      client.ask("DATA");
      client.ask("Message-ID: " + id + "\r\n\r\n.");
      client.ask("QUIT");
    }
    backends.awaitMessage(PATIENCE, account, id);
    Awaitility.await("nothing is on its way")
        .atMost(PATIENCE)
        .pollInterval(Duration.ofMillis(50))
        .until(backends::isPostfixIdle);
    return read(backends, account).stream().filter(message -> !message.contains(id)).toList();
  }

  private static List<String> read(MailBackends backends, Account account) throws IOException {
    List<String> messages = new ArrayList<>();
    try (Wire wire = open(backends, account)) {
      int count = exists(wire.send("s EXAMINE INBOX\r\n").until("s OK"));
      if (count > 0) {
        wire.send("f FETCH 1:* (BODY.PEEK[])\r\n");
      }
      while (messages.size() < count) {
        Matcher literal = LITERAL.matcher(wire.until("* " + (messages.size() + 1) + " FETCH"));
        if (!literal.find()) {
          throw new IOException("no literal in the answer to FETCH");
        }
        messages.add(new String(wire.octets(Integer.parseInt(literal.group(1))), ISO_8859_1));
      }
    }
    return messages;
  }

  private static Wire open(MailBackends backends, Account account) throws IOException {
    byte[] response = ("\0" + account.user() + "\0" + account.password()).getBytes(UTF_8);
    Wire wire = Wire.direct(backends.imap());
    wire.line();
    wire.send("a AUTHENTICATE PLAIN " + Base64.getEncoder().encodeToString(response) + "\r\n")
        .until("a OK");
    return wire;
  }

  private static int exists(String answer) throws IOException {
    Matcher exists = EXISTS.matcher(answer);
    if (!exists.find()) {
      throw new IOException("no EXISTS: " + answer);
    }
    return Integer.parseInt(exists.group(1));
  }
}
