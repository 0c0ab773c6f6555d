package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.postern.deploy.backend.Account;
import dev.postern.deploy.backend.MailBackends;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** All that lies in an inbox, read past the proxy. */
final class Inbox {
  private static final Pattern EXISTS = Pattern.compile("\\* (\\d+) EXISTS");
  private static final Pattern LITERAL = Pattern.compile("\\{(\\d+)}$");

  private Inbox() {}

  /** Waits until an inbox holds at least so many messages, and returns all it holds. */
  static List<String> await(MailBackends backends, Account account, int count) {
    Awaitility.await("messages of " + account.user())
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(50))
        .until(() -> count(backends, account) >= count);
    try {
      return read(backends, account);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static int count(MailBackends backends, Account account) throws IOException {
    try (Wire wire = open(backends, account)) {
      return exists(wire.send("s EXAMINE INBOX\r\n").until("s OK"));
    }
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
    byte[] response =
        ("\0" + account.user() + "\0" + account.password())
            .getBytes(java.nio.charset.StandardCharsets.UTF_8);
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
