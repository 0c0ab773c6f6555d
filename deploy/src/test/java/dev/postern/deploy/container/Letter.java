package dev.postern.deploy.container;

import static java.nio.charset.StandardCharsets.US_ASCII;

import jakarta.mail.Folder;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Store;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;

/**
 * A message that can be told from all others, and what became of it.
 *
 * @param id content of its Message-ID field
 * @param sender who sends it
 * @param recipient who gets it
 */
record Letter(String id, Account sender, Account recipient) {
  private static final Duration SOON = Duration.ofSeconds(60);

  /** More than Jakarta Mail and TLS keep back before they send anything. */
  private static final int LINES = 4_000;

  /**
   * So few that writing them never waits for the other side: a container that has gone does not
   * even refuse them.
   */
  private static final int LAST_LINES = 50;

  private static final String LINE = ".and so on, for as long as it takes to be on the way\r\n";

  /** What somebody does in the middle of sending. */
  interface Interruption {
    void run() throws Exception;
  }

  static Letter from(Account sender, Account recipient) {
    return new Letter("<" + UUID.randomUUID() + "@laptop.example>", sender, recipient);
  }

  private String head() {
    return "From: "
        + sender.user()
        + "\r\nTo: "
        + recipient.user()
        + "\r\nSubject: from container to container\r\nMessage-ID: "
        + id
        + "\r\n\r\n";
  }

  /** Sends it, short. */
  void send(Transport transport) throws MessagingException {
    transport.sendMessage(written(stream -> stream.write(text().getBytes(US_ASCII))), to());
  }

  /** What {@link #send} sends. */
  String text() {
    return "Dear reader,\r\n.\r\n..the end.\r\n";
  }

  /** Sends it, long: does something once most of it is on the way and the last lines are not. */
  void send(Transport transport, Interruption almostDone) throws MessagingException {
    transport.sendMessage(
        written(
            stream -> {
              byte[] line = LINE.getBytes(US_ASCII);
              for (int i = 0; i < LINES; i++) {
                stream.write(line);
                if (i == LINES - LAST_LINES) {
                  try {
                    almostDone.run();
                  } catch (Exception e) {
                    throw new IOException("before the last lines", e);
                  }
                }
              }
            }),
        to());
  }

  /** Says whether a message's content is all that the long {@link #send} sends. */
  static boolean isWhole(String content) {
    return content.equals(LINE.repeat(LINES));
  }

  private interface Body {
    void writeTo(OutputStream stream) throws IOException;
  }

  private Message written(Body body) throws MessagingException {
    return new MimeMessage((jakarta.mail.Session) null) {
      {
        setFrom(new InternetAddress(sender.user()));
      }

      @Override
      public int getSize() {
        return -1;
      }

      @Override
      public void saveChanges() {
        // it is as it shall be
      }

      @Override
      public void writeTo(OutputStream stream, String[] ignored) throws IOException {
        stream.write(head().getBytes(US_ASCII));
        body.writeTo(stream);
      }
    };
  }

  private InternetAddress[] to() throws MessagingException {
    return new InternetAddress[] {new InternetAddress(recipient.user())};
  }

  /** Says whether it is in an open folder. */
  Optional<Message> in(Folder folder) throws MessagingException {
    for (Message message : folder.getMessages()) {
      if (Arrays.equals(new String[] {id}, message.getHeader("Message-ID"))) {
        return Optional.of(message);
      }
    }
    return Optional.empty();
  }

  /** Waits until it has arrived, looking again and again over IMAP. */
  Arrived awaitArrival(MailProgram program) {
    return Awaitility.await("arrival of " + id)
        .atMost(SOON)
        .until(() -> arrived(program, "imaps"), Optional::isPresent)
        .orElseThrow();
  }

  /** Looks for it in the recipient's inbox. */
  Optional<Arrived> arrived(MailProgram program, String service)
      throws MessagingException, IOException {
    try (Store store = program.read(service, recipient);
        Folder inbox = store.getFolder("INBOX")) {
      inbox.open(Folder.READ_ONLY);
      Optional<Message> found = in(inbox);
      return found.isEmpty() ? Optional.empty() : Optional.of(Arrived.of(found.get()));
    }
  }

  /**
   * What lies in the mailbox.
   *
   * @param received the Received fields, unfolded, the latest first
   * @param content the body
   */
  record Arrived(List<String> received, String content) {
    private static Arrived of(Message message) throws MessagingException, IOException {
      return new Arrived(
          Arrays.stream(message.getHeader("Received"))
              .map(field -> field.replaceAll("\r\n[ \t]+", " "))
              .toList(),
          (String) message.getContent());
    }

    /** The field of the proxy in front. */
    String trace() {
      return received.stream()
          .filter(field -> field.contains("(Postern)"))
          .findFirst()
          .orElseThrow();
    }
  }
}
