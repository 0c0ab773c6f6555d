package dev.postern.deploy.demo;

import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Properties;

/**
 * The mail servers behind the demo: cleartext only, in memory, reachable from this machine only.
 */
final class MailServers implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final Duration START_DEADLINE = Duration.ofSeconds(30);

  private final GreenMail servers;

  private MailServers(GreenMail servers) {
    this.servers = servers;
  }

  /** Starts them on ports that are free, with users who have mail already. */
  static MailServers start(Instant now) throws MessagingException {
    GreenMail servers =
        new GreenMail(
            new ServerSetup[] {
              setup(ServerSetup.PROTOCOL_IMAP),
              setup(ServerSetup.PROTOCOL_POP3),
              setup(ServerSetup.PROTOCOL_SMTP)
            });
    servers.start();
    GreenMailUser alice = user(servers, Account.ALICE);
    GreenMailUser bob = user(servers, Account.BOB);
    alice.deliver(
        message(
            now,
            Account.BOB,
            Account.ALICE,
            "Which gate?",
            "The small guarded one beside the main one: the postern.\r\n"));
    alice.deliver(
        message(
            now,
            Account.BOB,
            Account.ALICE,
            "Lunch",
            "At noon? The server behind never learns that you read this over TLS 1.3.\r\n"));
    bob.deliver(
        message(
            now, Account.ALICE, Account.BOB, "Welcome", "Cleartext is considered obsolete.\r\n"));
    return new MailServers(servers);
  }

  private static ServerSetup setup(String protocol) {
    ServerSetup setup = new ServerSetup(0, LOOPBACK, protocol);
    setup.setServerStartupTimeout(START_DEADLINE.toMillis());
    return setup;
  }

  private static GreenMailUser user(GreenMail servers, Account account) {
    return servers.setUser(account.address(), account.address(), account.password());
  }

  private static MimeMessage message(
      Instant now, Account from, Account to, String subject, String text)
      throws MessagingException {
    MimeMessage message = new MimeMessage(Session.getInstance(new Properties()));
    message.setFrom(new InternetAddress(from.address()));
    message.setRecipient(MimeMessage.RecipientType.TO, new InternetAddress(to.address()));
    message.setSubject(subject);
    message.setSentDate(Date.from(now));
    message.setText(text);
    message.saveChanges();
    return message;
  }

  String imap() {
    return LOOPBACK + ":" + servers.getImap().getPort();
  }

  String pop3() {
    return LOOPBACK + ":" + servers.getPop3().getPort();
  }

  String submission() {
    return LOOPBACK + ":" + servers.getSmtp().getPort();
  }

  @Override
  public void close() {
    servers.stop();
  }
}
