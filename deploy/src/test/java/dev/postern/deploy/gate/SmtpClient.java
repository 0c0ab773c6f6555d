package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.backend.Account;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Base64;

/** A client of submission, with whole replies. At the end of the stream a reply is empty. */
final class SmtpClient implements AutoCloseable {
  private final Wire wire;

  private SmtpClient(Wire wire) {
    this.wire = wire;
  }

  /** Connects through a gate, over TLS, and takes the greeting. */
  static SmtpClient through(Gate gate) throws Exception {
    return throughFrom("127.0.0.1", gate);
  }

  /** Connects through a gate from a loopback address of the test's choice. */
  static SmtpClient throughFrom(String address, Gate gate) throws Exception {
    return new SmtpClient(Wire.tlsFrom(address, gate, "submissions")).greeted();
  }

  /** Connects through a gate by STARTTLS; the handshake is done, and nothing said behind it. */
  static SmtpClient throughStartTls(Gate gate) throws Exception {
    SmtpClient clear = inClear(gate);
    assertThat(clear.ask("EHLO laptop.example")).contains("STARTTLS");
    assertThat(clear.ask("STARTTLS")).startsWith("220 ");
    return new SmtpClient(clear.wire.secured(gate));
  }

  /** Connects through a gate, in clear, and takes the greeting. */
  static SmtpClient inClear(Gate gate) throws IOException {
    return new SmtpClient(Wire.plain(gate, "submission")).greeted();
  }

  /** Connects to a server itself, in clear, and takes the greeting. */
  static SmtpClient direct(InetSocketAddress server) throws IOException {
    return new SmtpClient(Wire.direct(server)).greeted();
  }

  private SmtpClient greeted() throws IOException {
    assertThat(reply()).startsWith("220 ");
    return this;
  }

  /** Introduces itself and logs in. */
  SmtpClient loggedIn(Account account) throws IOException {
    assertThat(ask("EHLO laptop.example")).startsWith("250-");
    assertThat(login(account)).startsWith("235 ");
    return this;
  }

  String login(Account account) throws IOException {
    byte[] response = ("\0" + account.user() + "\0" + account.password()).getBytes(UTF_8);
    return ask("AUTH PLAIN " + Base64.getEncoder().encodeToString(response));
  }

  /** Sends MAIL and RCPT, which must be accepted. */
  SmtpClient envelope(String sender, String recipient) throws IOException {
    assertThat(ask("MAIL FROM:<" + sender + ">")).startsWith("250");
    assertThat(ask("RCPT TO:<" + recipient + ">")).startsWith("250");
    return this;
  }

  /** Sends a line and takes the reply. */
  String ask(String line) throws IOException {
    return say(line + "\r\n").reply();
  }

  /** Sends octets as they are (ISO 8859-1), in one write. */
  SmtpClient say(String octets) throws IOException {
    wire.send(octets);
    return this;
  }

  /** Takes a whole reply, its lines joined by line feeds. */
  String reply() throws IOException {
    StringBuilder out = new StringBuilder();
    for (String line = wire.line(); line != null; line = wire.line()) {
      out.append(line);
      if (line.length() < 4 || line.charAt(3) != '-') {
        return out.toString();
      }
      out.append('\n');
    }
    return out.toString();
  }

  /** Takes replies up to the first that refuses something; empty at the end of the stream. */
  String refusal() throws IOException {
    String reply = reply();
    while (!reply.isEmpty() && reply.charAt(0) < '4') {
      reply = reply();
    }
    return reply;
  }

  Wire wire() {
    return wire;
  }

  @Override
  public void close() throws IOException {
    wire.close();
  }
}
