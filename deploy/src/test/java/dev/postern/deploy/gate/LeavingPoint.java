package dev.postern.deploy.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.Account;
import java.io.IOException;

/** How far a client gets with a message before it goes: never to its end. */
enum LeavingPoint {
  CONNECTED,
  INTRODUCED,
  /** The password has been asked for. */
  MID_AUTH,
  LOGGED_IN,
  /** A whole envelope has been sent, and DATA, and no reply to any of it read. */
  PIPELINED,
  SENDER_NAMED,
  RECIPIENT_NAMED,
  DATA_ASKED,
  MID_MESSAGE,
  BEFORE_THE_DOT,
  BEHIND_THE_DOT,
  BEFORE_THE_LAST_OCTET,
  MID_CHUNK,
  BETWEEN_CHUNKS,
  MID_LAST_CHUNK,
  BEFORE_THE_LAST_CHUNK_S_LAST_OCTET;

  /** Says whether what comes next is part of a chunk, whatever it is. */
  boolean isWithinChunk() {
    return this == MID_CHUNK || this == MID_LAST_CHUNK;
  }

  /** Says whether the next octets could make the message whole. */
  boolean isWithinLastOctets() {
    return this == BEFORE_THE_LAST_CHUNK_S_LAST_OCTET;
  }

  /**
   * Goes there.
   *
   * @param id the message's Message-ID
   */
  void reach(SmtpClient client, Account account, String id) throws IOException {
    if (this == CONNECTED) {
      return;
    }
    assertThat(client.ask("EHLO laptop.example")).startsWith("250");
    if (this == INTRODUCED) {
      return;
    }
    if (this == MID_AUTH) {
      assertThat(client.ask("AUTH PLAIN")).startsWith("334");
      return;
    }
    assertThat(client.login(account)).startsWith("235");
    if (this == LOGGED_IN) {
      return;
    }
    if (this == PIPELINED) {
      client.say("MAIL FROM:<%1$s>\r\nRCPT TO:<%1$s>\r\nDATA\r\n".formatted(account.user()));
      return;
    }
    assertThat(client.ask("MAIL FROM:<" + account.user() + ">")).startsWith("250");
    if (this == SENDER_NAMED) {
      return;
    }
    assertThat(client.ask("RCPT TO:<" + account.user() + ">")).startsWith("250");
    String message = "Message-ID: " + id + "\r\n\r\nhello\r\n";
    if (compareTo(MID_CHUNK) >= 0) {
      chunks(client, message);
    } else if (this != RECIPIENT_NAMED) {
      data(client, message);
    }
  }

  private void data(SmtpClient client, String message) throws IOException {
    assertThat(client.ask("DATA")).startsWith("354");
    switch (this) {
      case MID_MESSAGE -> client.say(message.substring(0, message.length() - 4));
      case BEFORE_THE_DOT -> client.say(message);
      case BEHIND_THE_DOT -> client.say(message + ".");
      case BEFORE_THE_LAST_OCTET -> client.say(message + ".\r");
      default -> {}
    }
  }

  private void chunks(SmtpClient client, String message) throws IOException {
    int half = message.length() / 2;
    client.say("BDAT " + message.length() + "\r\n" + message.substring(0, half));
    if (this == MID_CHUNK) {
      return;
    }
    assertThat(client.say(message.substring(half)).reply()).startsWith("250");
    switch (this) {
      case MID_LAST_CHUNK -> client.say("BDAT 100 LAST\r\n").say("more");
      case BEFORE_THE_LAST_CHUNK_S_LAST_OCTET -> client.say("BDAT 5 LAST\r\nmore");
      default -> {}
    }
  }
}
