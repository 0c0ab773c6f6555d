package dev.postern.deploy.backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fills and reads an account's inbox past the proxy: by LMTP in, by IMAP out. */
final class DirectMailbox {

  private static final Pattern LITERAL = Pattern.compile(".*\\{(\\d+)}");

  private final InetSocketAddress imap;
  private final InetSocketAddress lmtp;

  DirectMailbox(InetSocketAddress imap, InetSocketAddress lmtp) {
    this.imap = imap;
    this.lmtp = lmtp;
  }

  void deliver(Account account, List<byte[]> messages) {
    try (LineConnection connection = new LineConnection(lmtp)) {
      expect("220", connection.reply());
      expect("250", connection.smtp("LHLO tests.example.test"));
      for (byte[] message : messages) {
        expect("250", connection.smtp("MAIL FROM:<> BODY=8BITMIME"));
        expect("250", connection.smtp("RCPT TO:<" + account.user() + ">"));
        connection.send("BDAT " + message.length + " LAST");
        connection.sendOctets(message);
        expect("250", connection.reply());
      }
      expect("221", connection.smtp("QUIT"));
    } catch (IOException e) {
      throw new UncheckedIOException("delivery to " + account.user(), e);
    }
  }

  void empty(Account account) {
    try (LineConnection connection = selectInbox(account)) {
      // A range of messages that do not exist is an error only for sequence numbers.
      expect("d OK", connection.imap("d", "UID STORE 1:* +FLAGS.SILENT (\\Deleted)"));
      expect("e OK", connection.imap("e", "EXPUNGE"));
      expect("f OK", connection.imap("f", "LOGOUT"));
    } catch (IOException e) {
      throw new UncheckedIOException("emptying the inbox of " + account.user(), e);
    }
  }

  byte[] read(Account account, String messageId) {
    try (LineConnection connection = selectInbox(account)) {
      List<String> found =
          connection.imap("s", "UID SEARCH HEADER Message-ID \"" + messageId + "\"");
      expect("s OK", found);
      String uid = found.getFirst().substring("* SEARCH".length()).strip();
      if (uid.isEmpty() || uid.contains(" ")) {
        throw new IllegalStateException(
            "not one message " + messageId + " of " + account.user() + ": " + found);
      }
      connection.send("t UID FETCH " + uid + " (BODY.PEEK[])");
      Matcher literal = LITERAL.matcher(connection.line());
      if (!literal.matches()) {
        throw new IOException("no literal in the reply to FETCH");
      }
      byte[] message = connection.octets(Integer.parseInt(literal.group(1)));
      expect("t OK", connection.linesUntil(line -> line.startsWith("t ")));
      return message;
    } catch (IOException e) {
      throw new UncheckedIOException("reading the inbox of " + account.user(), e);
    }
  }

  private LineConnection selectInbox(Account account) throws IOException {
    LineConnection connection = new LineConnection(imap);
    try {
      connection.line();
      expect("a OK", connection.imap("a", "AUTHENTICATE PLAIN " + saslPlain(account)));
      expect("b OK", connection.imap("b", "SELECT INBOX"));
      return connection;
    } catch (IOException | RuntimeException e) {
      connection.close();
      throw e;
    }
  }

  /** The initial response of SASL PLAIN (RFC 4616), in base64. */
  static String saslPlain(Account account) {
    String message = "\0" + account.user() + "\0" + account.password();
    return Base64.getEncoder().encodeToString(message.getBytes(StandardCharsets.UTF_8));
  }

  private static void expect(String start, List<String> reply) throws IOException {
    if (!reply.getLast().startsWith(start)) {
      throw new IOException("expected " + start + ", got " + reply);
    }
  }
}
