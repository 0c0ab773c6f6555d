package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.CRC32;

/**
 * A submission server that takes messages of any size and keeps of them only how long they were and
 * their checksums. It looks at what lies behind the trace field: from the field {@code Subject} on,
 * with which messages must begin.
 */
final class SinkServer implements AutoCloseable {
  /**
   * What it has taken.
   *
   * @param octets how many, as they came: with stuffed dots, and the dot at the end
   * @param crc32 of the same
   */
  record Taken(long octets, long crc32) {}

  private static final String EXTENSIONS =
      String.join(
          "\r\n250-",
          "250-sink",
          "PIPELINING",
          "SIZE 2147483647",
          "AUTH PLAIN",
          "CHUNKING\r\n250 8BITMIME\r\n");
  private static final byte[] FIRST = "Subject:".getBytes(ISO_8859_1);
  private static final byte[] END = "\r\n.\r\n".getBytes(ISO_8859_1);

  private final ServerSocket socket = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  private final BlockingQueue<Taken> taken = new LinkedBlockingQueue<>();
  private volatile CountDownLatch held = new CountDownLatch(0);

  SinkServer() throws IOException {
    daemon(this::accept);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /** Messages in the order in which they have come. */
  BlockingQueue<Taken> taken() {
    return taken;
  }

  /** From now on reads nothing of a message but its beginning, until {@link #goOn}. */
  void hold() {
    held = new CountDownLatch(1);
  }

  void goOn() {
    held.countDown();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = socket.accept();
        daemon(() -> serve(client));
      }
    } catch (IOException over) {
      // the test is over
    }
  }

  private void serve(Socket client) {
    try (client) {
      new Conversation(client).go();
    } catch (IOException gone) {
      // nothing taken
    }
  }

  private final class Conversation {
    private final byte[] buffer = new byte[1 << 16];
    private final InputStream in;
    private final OutputStream out;
    private final CRC32 crc = new CRC32();
    private long octets;

    Conversation(Socket client) throws IOException {
      in = new BufferedInputStream(client.getInputStream(), 1 << 16);
      out = client.getOutputStream();
    }

    void go() throws IOException {
      say("220 sink ESMTP\r\n");
      for (String line = line(); !line.isEmpty(); line = line()) {
        switch (line.split(" ", 2)[0]) {
          case "EHLO" -> say(EXTENSIONS);
          case "AUTH" -> say("235 2.7.0 in\r\n");
          case "DATA" -> {
            say("354 go on\r\n");
            data();
            say("250 2.0.0 taken\r\n");
          }
          case "BDAT" -> {
            String[] words = line.split(" ", 3);
            chunk(Long.parseLong(words[1]), words.length > 2);
            say("250 2.0.0 taken\r\n");
          }
          case "QUIT" -> {
            say("221 2.0.0 bye\r\n");
            return;
          }
          default -> say("250 2.0.0 ok\r\n");
        }
      }
    }

    /** The end of data is the last that comes before an answer is due. */
    private void data() throws IOException {
      skipField();
      byte[] tail = new byte[END.length];
      while (true) {
        int n = in.read(buffer);
        if (n < 0) {
          throw new IOException("no end of data");
        }
        count(n);
        int kept = Math.min(n, tail.length);
        System.arraycopy(tail, kept, tail, 0, tail.length - kept);
        System.arraycopy(buffer, n - kept, tail, tail.length - kept, kept);
        if (Arrays.equals(tail, END)) {
          finish();
          return;
        }
      }
    }

    private void chunk(long size, boolean last) throws IOException {
      long left = octets == 0 ? size - skipField() : size;
      while (left > 0) {
        int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (n < 0) {
          throw new IOException("no end of chunk");
        }
        count(n);
        left -= n;
      }
      if (last) {
        finish();
      }
    }

    private void count(int n) {
      crc.update(buffer, 0, n);
      octets += n;
    }

    private void finish() {
      taken.add(new Taken(octets, crc.getValue()));
      crc.reset();
      octets = 0;
    }

    /** Goes behind the trace field; returns how many octets have come, the Subject's among them. */
    private long skipField() throws IOException {
      int matched = 0;
      long come = 0;
      while (matched < FIRST.length) {
        int octet = in.read();
        if (octet < 0) {
          throw new IOException("no subject");
        }
        come++;
        matched = octet == FIRST[matched] ? matched + 1 : octet == FIRST[0] ? 1 : 0;
      }
      System.arraycopy(FIRST, 0, buffer, 0, FIRST.length);
      count(FIRST.length);
      try {
        held.await();
      } catch (InterruptedException e) {
        throw new InterruptedIOException();
      }
      return come;
    }

    private void say(String octets) throws IOException {
      out.write(octets.getBytes(ISO_8859_1));
      out.flush();
    }

    /** Empty at the end of the stream. */
    private String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int octet = in.read(); octet != '\n' && octet >= 0; octet = in.read()) {
        line.append((char) octet);
      }
      return line.toString().stripTrailing();
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "sink-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    goOn();
    socket.close();
  }
}
