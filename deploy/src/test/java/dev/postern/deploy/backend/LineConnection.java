package dev.postern.deploy.backend;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * A blocking connection that speaks in CRLF lines of UTF-8, with literals of octets between them.
 */
final class LineConnection implements Closeable {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Socket socket;
  private final InputStream in;

  LineConnection(InetSocketAddress server) throws IOException {
    socket = new Socket();
    try {
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.setTcpNoDelay(true);
      socket.connect(server, (int) PATIENCE.toMillis());
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Sends a line; the CRLF is added. */
  void send(String line) throws IOException {
    sendOctets((line + "\r\n").getBytes(StandardCharsets.UTF_8));
  }

  void sendOctets(byte[] octets) throws IOException {
    socket.getOutputStream().write(octets);
  }

  /** The next line, without its CRLF. */
  String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int octet = in.read(); octet != '\n'; octet = in.read()) {
      if (octet < 0) {
        throw new EOFException(
            "closed by the server after: " + line.toString(StandardCharsets.UTF_8));
      }
      line.write(octet);
    }
    return line.toString(StandardCharsets.UTF_8).stripTrailing();
  }

  byte[] octets(int count) throws IOException {
    byte[] octets = in.readNBytes(count);
    if (octets.length < count) {
      throw new EOFException("closed by the server inside a literal");
    }
    return octets;
  }

  /** The lines up to the first that matches, which is the last of the list. */
  List<String> linesUntil(Predicate<String> last) throws IOException {
    List<String> lines = new ArrayList<>();
    do {
      lines.add(line());
    } while (!last.test(lines.getLast()));
    return lines;
  }

  /** A reply of SMTP or LMTP: all its lines. */
  List<String> reply() throws IOException {
    return linesUntil(line -> line.length() < 4 || line.charAt(3) != '-');
  }

  /** Sends a command of SMTP or LMTP. */
  List<String> smtp(String command) throws IOException {
    send(command);
    return reply();
  }

  /** Sends an IMAP command: its tag, a space, its text. */
  List<String> imap(String tag, String command) throws IOException {
    send(tag + " " + command);
    return linesUntil(line -> line.startsWith(tag + " "));
  }

  /** Sends a POP3 command whose reply is a single line. */
  String pop3(String command) throws IOException {
    send(command);
    return line();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
