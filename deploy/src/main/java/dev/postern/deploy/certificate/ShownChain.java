package dev.postern.deploy.certificate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** Asks a running server which certificates it shows. Believes none of them. */
public final class ShownChain {
  private static final int PATIENCE_MILLISECONDS = 10_000;
  private static final int LONGEST_LINE = 8_192;
  private static final int MOST_LINES = 100;

  private ShownChain() {}

  /** How TLS begins. */
  public enum StartTls {
    /** RFC 9051 §6.2.1. */
    IMAP,
    /** RFC 2595 §4. */
    POP3,
    /** RFC 3207. */
    SMTP
  }

  /**
   * Asks.
   *
   * @param host a name or an address
   * @param startTls how to begin, empty for TLS from the first octet
   * @param serverName what to ask for by SNI
   * @return the server's certificate first; empty when it shows none
   * @throws IOException when there is no answer, or not the expected one; the message says which,
   *     and is printable
   */
  public static List<X509Certificate> of(
      String host, int port, Optional<StartTls> startTls, Optional<String> serverName)
      throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Anyone()}, null);
    try (Socket plain = connect(host, port)) {
      plain.setSoTimeout(PATIENCE_MILLISECONDS);
      if (startTls.isPresent()) {
        begin(plain, startTls.get());
      }
      try (SSLSocket tls =
          (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true)) {
        SSLParameters parameters = tls.getSSLParameters();
        if (serverName.isPresent()) {
          parameters.setServerNames(List.of(new SNIHostName(serverName.get())));
        }
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        return Arrays.stream(tls.getSession().getPeerCertificates()).map(ShownChain::x509).toList();
      }
    }
  }

  private static X509Certificate x509(Certificate certificate) {
    return (X509Certificate) certificate;
  }

  private static Socket connect(String host, int port) throws IOException {
    IOException last = new IOException("no address");
    for (InetAddress address : InetAddress.getAllByName(host)) {
      Socket socket = new Socket();
      try {
        socket.connect(new InetSocketAddress(address, port), PATIENCE_MILLISECONDS);
        return socket;
      } catch (IOException e) {
        socket.close();
        last = e;
      }
    }
    throw last;
  }

  private static void begin(Socket socket, StartTls how) throws IOException {
    switch (how) {
      case IMAP -> {
        expect(socket, "", "* OK");
        expect(socket, "a STARTTLS\r\n", "a OK");
      }
      case POP3 -> {
        expect(socket, "", "+OK");
        expect(socket, "STLS\r\n", "+OK");
      }
      case SMTP -> {
        expect(socket, "", "220 ");
        expect(socket, "EHLO localhost\r\n", "250 ");
        expect(socket, "STARTTLS\r\n", "220 ");
      }
    }
  }

  /** Sends a command, and reads past what leads up to its answer. */
  private static void expect(Socket socket, String command, String answer) throws IOException {
    socket.getOutputStream().write(command.getBytes(US_ASCII));
    socket.getOutputStream().flush();
    String intermediate = answer.startsWith("a ") ? "* " : answer.replace(' ', '-');
    List<String> lines = new ArrayList<>();
    while (lines.size() < MOST_LINES) {
      String line = line(socket.getInputStream());
      if (line.startsWith(answer)) {
        return;
      }
      lines.add(line);
      if (!line.startsWith(intermediate)) {
        break;
      }
    }
    throw new IOException(
        "the server answers \"" + Printable.of(lines.get(lines.size() - 1)) + "\"");
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int octet = in.read(); octet != '\n'; octet = in.read()) {
      if (octet < 0) {
        throw new IOException("the server closed the connection before TLS");
      }
      if (line.length() == LONGEST_LINE) {
        throw new IOException("the server sends a line without end");
      }
      line.append(new String(new byte[] {(byte) octet}, ISO_8859_1));
    }
    return line.toString().stripTrailing();
  }

  /** Lets every certificate through, to be looked at. */
  private static final class Anyone extends X509ExtendedTrustManager {
    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
