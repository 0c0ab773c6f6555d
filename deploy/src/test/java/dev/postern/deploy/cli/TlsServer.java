package dev.postern.deploy.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.security.KeyStore;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** A server of the JDK's TLS for one client, after a cleartext dialogue by rote. */
final class TlsServer implements AutoCloseable {
  private final ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  private final CompletableFuture<Void> done;

  private TlsServer(SSLContext context, Deque<String> dialogue) throws IOException {
    done = CompletableFuture.runAsync(() -> serve(context, dialogue));
  }

  /**
   * Starts.
   *
   * @param dialogue what it says in cleartext, lines separated by bars; waits for a command after
   *     each line that is an SMTP answer's last, or another protocol's only one
   */
  static TlsServer start(X509Bundle bundle, String dialogue) throws Exception {
    KeyStore store = bundle.toKeyStore(new char[0]);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return new TlsServer(
        context, new ArrayDeque<>(dialogue.isEmpty() ? List.of() : List.of(dialogue.split("\\|"))));
  }

  int port() {
    return socket.getLocalPort();
  }

  private void serve(SSLContext context, Deque<String> dialogue) {
    try (Socket client = socket.accept()) {
      OutputStream out = client.getOutputStream();
      while (!dialogue.isEmpty()) {
        String line = dialogue.remove();
        out.write((line + "\r\n").getBytes(ISO_8859_1));
        boolean last = !line.matches("[0-9]{3}-.*");
        if (last && !dialogue.isEmpty()) {
          readLine(client);
        }
      }
      try (SSLSocket tls =
          (SSLSocket) context.getSocketFactory().createSocket(client, null, true)) {
        tls.startHandshake();
      }
    } catch (IOException clientHasSeenEnough) {
      // its report tells
    }
  }

  private static void readLine(Socket client) throws IOException {
    int octet = client.getInputStream().read();
    while (octet >= 0 && octet != '\n') {
      octet = client.getInputStream().read();
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
    done.join();
  }
}
