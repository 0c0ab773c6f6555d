package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Stands in front of a server, and keeps to itself what the server says from when it is told to.
 */
final class ReplyHolder implements AutoCloseable {
  private final ServerSocket socket = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
  private final InetSocketAddress server;
  private final AtomicReference<String> held = new AtomicReference<>("");
  private volatile boolean holding;

  ReplyHolder(InetSocketAddress server) throws IOException {
    this.server = server;
    daemon(this::accept);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /** From now on nothing of what the server says gets through. */
  void hold() {
    holding = true;
  }

  /** What has not got through. */
  String held() {
    return held.get();
  }

  private void accept() throws IOException {
    while (true) {
      Socket client = socket.accept();
      daemon(() -> serve(client));
    }
  }

  private void serve(Socket client) throws IOException {
    try (client;
        Socket backend = new Socket(server.getAddress(), server.getPort())) {
      daemon(
          () -> {
            try {
              client.getInputStream().transferTo(backend.getOutputStream());
            } finally {
              backend.shutdownOutput();
            }
          });
      answer(backend.getInputStream(), client.getOutputStream());
    }
  }

  private void answer(InputStream from, OutputStream to) throws IOException {
    byte[] buffer = new byte[8192];
    for (int n = from.read(buffer); n >= 0; n = from.read(buffer)) {
      if (holding) {
        held.accumulateAndGet(new String(buffer, 0, n, ISO_8859_1), String::concat);
      } else {
        to.write(buffer, 0, n);
      }
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private static void daemon(Work work) {
    Thread thread =
        new Thread(
            () -> {
              try {
                work.run();
              } catch (IOException gone) {
                // either side, or the test is over
              }
            },
            "reply-holder");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
