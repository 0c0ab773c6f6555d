package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.pkitesting.X509Bundle;
import io.netty.util.NetUtil;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A client that says exactly what a test wants said, octet for octet (ISO 8859-1). */
final class Wire implements AutoCloseable {
  private final Socket socket;
  private final Socket tcp;
  private final InputStream in;

  private Wire(Socket socket) throws IOException {
    this(socket, socket);
  }

  private Wire(Socket socket, Socket tcp) throws IOException {
    this.socket = socket;
    this.tcp = tcp;
    socket.setSoTimeout(60_000);
    socket.setTcpNoDelay(true);
    this.in = new BufferedInputStream(socket.getInputStream());
  }

  /** Connects in clear. */
  static Wire plain(Gate gate, String service) throws IOException {
    return plainFrom("127.0.0.1", gate, service);
  }

  /** Connects in clear from a loopback address of the test's choice. */
  static Wire plainFrom(String address, Gate gate, String service) throws IOException {
    return new Wire(socket(address, gate.port(service)));
  }

  /** Connects in clear to a server itself, past any gate. */
  static Wire direct(InetSocketAddress server) throws IOException {
    return new Wire(socket("127.0.0.1", server.getPort()));
  }

  /** Connects to a service with implicit TLS. */
  static Wire tls(Gate gate, String service) throws Exception {
    return tlsFrom("127.0.0.1", gate, service);
  }

  /** Connects to a service with implicit TLS from a loopback address of the test's choice. */
  static Wire tlsFrom(String address, Gate gate, String service) throws Exception {
    Socket tcp = socket(address, gate.port(service));
    return new Wire(handshake(tcp, gate.certificate()), tcp);
  }

  /** Goes on over TLS after a positive answer to STARTTLS. */
  Wire secured(Gate gate) throws Exception {
    return new Wire(handshake(socket, gate.certificate()), tcp);
  }

  /** Waits no longer than that for what comes. */
  void patience(Duration longest) throws IOException {
    socket.setSoTimeout((int) longest.toMillis());
  }

  private static Socket socket(String from, int port) throws IOException {
    Socket socket = new Socket();
    socket.bind(new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(from), 0));
    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 20_000);
    return socket;
  }

  private static SSLSocket handshake(Socket over, X509Bundle trusted) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trusted.toTrustManagerFactory().getTrustManagers(), null);
    SSLSocket tls =
        (SSLSocket)
            context.getSocketFactory().createSocket(over, "mail.example.org", over.getPort(), true);
    SSLParameters parameters = tls.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName("mail.example.org")));
    tls.setSSLParameters(parameters);
    tls.startHandshake();
    return tls;
  }

  /** Sends octets as they are, in one write. */
  Wire send(String octets) throws IOException {
    send(octets.getBytes(ISO_8859_1));
    return this;
  }

  void send(byte[] octets) throws IOException {
    socket.getOutputStream().write(octets);
    socket.getOutputStream().flush();
  }

  /** Sends a line and reads one. */
  @Nullable String ask(String line) throws IOException {
    send(line + "\r\n");
    return line();
  }

  /** Reads a line, without CRLF; null at the end of the stream. */
  @Nullable String line() throws IOException {
    StringBuilder out = new StringBuilder();
    for (int c = in.read(); c != -1; c = in.read()) {
      if (c == '\n' && !out.isEmpty() && out.charAt(out.length() - 1) == '\r') {
        return out.substring(0, out.length() - 1);
      }
      out.append((char) c);
    }
    return out.isEmpty() ? null : "unfinished: " + out;
  }

  /** Reads lines up to and including one that begins so; the last one is the match. */
  String until(String beginning) throws IOException {
    StringBuilder seen = new StringBuilder();
    for (String line = line(); line != null; line = line()) {
      if (line.startsWith(beginning)) {
        return seen + line;
      }
      seen.append(line).append('\n');
    }
    throw new AssertionError("no line begins with " + beginning + ": " + seen);
  }

  /** Reads lines up to the one that is a dot alone. */
  String multiLine() throws IOException {
    StringBuilder seen = new StringBuilder();
    for (String line = line(); line != null; line = line()) {
      if (line.equals(".")) {
        return seen.toString();
      }
      seen.append(line).append('\n');
    }
    throw new AssertionError("no end: " + seen);
  }

  /** Reads a number of octets. */
  byte[] octets(int count) throws IOException {
    return in.readNBytes(count);
  }

  /** Reads to the end, CRLF as line feed; what a reset cuts off counts as the end. */
  String rest() throws IOException {
    StringBuilder out = new StringBuilder();
    try {
      for (int c = in.read(); c != -1; c = in.read()) {
        out.append((char) c);
      }
    } catch (IOException reset) {
      out.append("<reset>");
    }
    return out.toString().replace("\r\n", "\n");
  }

  /** Ends the connection at once, without a word of TLS. */
  void reset() throws IOException {
    tcp.setSoLinger(true, 0);
    tcp.close();
  }

  Socket socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
