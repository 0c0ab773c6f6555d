package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A submission server like Postfix that breaks where it is told to, and knows what it has taken for
 * a whole message.
 */
final class FaultyServer implements AutoCloseable {
  /** Where it breaks: instead of the reply to this. */
  enum Step {
    GREETING,
    EHLO,
    XCLIENT,
    /** The introduction that follows XCLIENT. */
    SECOND_EHLO,
    /** What the proxy says of the client before the login. */
    FIRST_CLIENT,
    AUTH,
    /** The question for the user, by AUTH LOGIN. */
    USER_PROMPT,
    PASSWORD_PROMPT,
    MAIL,
    RCPT,
    NOOP,
    RSET,
    /** The RSET that the client's introducing itself once more makes necessary. */
    RSET_FOR_EHLO,
    DATA,
    /** In the middle of a message by DATA. */
    BODY,
    VERDICT,
    /** In the middle of the first chunk. */
    CHUNK,
    /** Behind the first chunk, which is not the last. */
    CHUNK_REPLY,
    /** Behind the last chunk. */
    LAST_CHUNK_REPLY,
    /** Behind the trace field, which has a chunk of its own in front of BURL. */
    FIELD_REPLY,
    BURL,
    LAST_BURL,
    /** What the client says of itself after it. */
    CLIENT,
    QUIT
  }

  /** How it breaks. */
  enum Fault {
    CLOSE,
    RESET,
    /** Says and hears nothing any more. */
    STALL,
    /** Something that is no reply. */
    GARBAGE,
    /** The beginning of a reply, then the end. */
    PARTIAL_LINE
  }

  /**
   * What is to go wrong.
   *
   * @param over completes when it need not go wrong any longer, and says whether whoever was
   *     stalled is heard again
   */
  private record Plan(Step step, Fault fault, CompletableFuture<Boolean> over) {}

  /** Ends a conversation. */
  private static final class Broken extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /** What a client writes into the middle of a message. */
  static final String MIDDLE = "the middle";

  /** What every URL names. */
  static final String NAMED = "kept elsewhere\r\n";

  /** All that the proxy says of its own accord, to learn what is offered. */
  private static final Set<String> PROBE = Set.of("EHLO mail.example.org", "QUIT");

  private static final String EXTENSIONS =
      String.join(
          "\r\n250-",
          "250-faulty",
          "PIPELINING",
          "SIZE 1000000",
          "AUTH PLAIN",
          "XCLIENT NAME ADDR PROTO HELO PORT",
          "ENHANCEDSTATUSCODES",
          "8BITMIME",
          "BURL imap",
          "DEEP tls-mandatory",
          "CHUNKING\r\n250 DSN");

  private final ServerSocket socket = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger broken = new AtomicInteger();
  private final List<String> messages = new CopyOnWriteArrayList<>();
  private volatile @Nullable Plan plan;

  FaultyServer() throws IOException {
    daemon(this::accept);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  /**
   * From now on, each session that gets to that step is let down. The proxy's own asking is not:
   * but at the greeting, where nobody can tell the two apart.
   */
  void breakAt(Step step, Fault fault) {
    mend();
    broken.set(0);
    plan = new Plan(step, fault, new CompletableFuture<>());
  }

  /** From now on all goes well, except for those who have been let down. */
  void mend() {
    mend(false);
    messages.clear();
  }

  /** From now on all goes well; those who were stalled are heard to their end, without a word. */
  void goOn() {
    mend(true);
  }

  private void mend(boolean heard) {
    Plan now = plan;
    plan = null;
    if (now != null) {
      now.over().complete(heard);
    }
  }

  /** How often it has broken since {@link #breakAt}. */
  int broken() {
    return broken.get();
  }

  /** What it has heard the end of. */
  List<String> messages() {
    return List.copyOf(messages);
  }

  /** Conversations that go on. */
  int open() {
    return open.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = socket.accept();
        open.incrementAndGet();
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
      // broken by either side
    } finally {
      open.decrementAndGet();
    }
  }

  private final class Conversation {
    private final Socket client;
    private final InputStream in;
    private final OutputStream out;
    private final StringBuilder chunks = new StringBuilder();
    private boolean session;
    private boolean mute;
    private boolean presented;
    private boolean reported;

    Conversation(Socket client) throws IOException {
      this.client = client;
      this.in = new BufferedInputStream(client.getInputStream());
      this.out = client.getOutputStream();
    }

    void go() throws IOException {
      say(Step.GREETING, "220 faulty ESMTP");
      for (String line = line(); line != null; line = line()) {
        session |= !PROBE.contains(line);
        switch (line.split(" ", 2)[0]) {
          case "EHLO" -> say(presented ? Step.SECOND_EHLO : Step.EHLO, extensions());
          case "XCLIENT" -> {
            presented = true;
            say(Step.XCLIENT, "220 faulty ESMTP");
          }
          case "AUTH" -> authenticate(line);
          case "MAIL" -> say(Step.MAIL, "250 2.1.0 sender");
          case "RCPT" -> say(Step.RCPT, "250 2.1.5 recipient");
          case "DATA" -> data();
          case "BDAT" -> chunk(line.split(" ", 3));
          case "NOOP" -> say(Step.NOOP, "250 2.0.0 ok");
          case "RSET" -> {
            pass(Step.RSET);
            say(Step.RSET_FOR_EHLO, "250 2.0.0 ok");
          }
          case "BURL" -> burl(line.endsWith(" LAST"));
          case "CLIENT" -> {
            say(reported ? Step.CLIENT : Step.FIRST_CLIENT, "250 2.0.0 ok");
            reported = true;
          }
          case "QUIT" -> {
            say(Step.QUIT, "221 2.0.0 bye");
            return;
          }
          default -> throw new IOException("unexpected: " + line);
        }
      }
    }

    private String extensions() {
      Plan now = plan;
      boolean asks =
          now != null && (now.step() == Step.USER_PROMPT || now.step() == Step.PASSWORD_PROMPT);
      return asks ? EXTENSIONS.replace("AUTH PLAIN", "AUTH LOGIN") : EXTENSIONS;
    }

    private void authenticate(String line) throws IOException {
      if (line.equals("AUTH LOGIN")) {
        say(Step.USER_PROMPT, "334 VXNlcm5hbWU6");
        line();
        say(Step.PASSWORD_PROMPT, "334 UGFzc3dvcmQ6");
        line();
      }
      say(Step.AUTH, "235 2.7.0 in");
    }

    private void data() throws IOException {
      say(Step.DATA, "354 go on");
      StringBuilder message = new StringBuilder();
      for (String line = line(); !".".equals(line); line = line()) {
        if (line == null) {
          throw new Broken();
        }
        message.append(line).append("\r\n");
        if (line.equals(MIDDLE)) {
          pass(Step.BODY);
        }
      }
      messages.add(message.toString());
      say(Step.VERDICT, "250 2.0.0 taken");
    }

    private void chunk(String[] words) throws IOException {
      int size = Integer.parseInt(words[1]);
      for (int i = 0; i < size; i++) {
        int octet = in.read();
        if (octet < 0) {
          throw new Broken();
        }
        chunks.append((char) octet);
        if (chunks.toString().endsWith(MIDDLE + "\r\n")) {
          pass(Step.CHUNK);
        }
      }
      if (words.length < 3) {
        pass(Step.CHUNK_REPLY);
        say(Step.FIELD_REPLY, "250 2.0.0 go on");
      } else {
        takeChunks();
        say(Step.LAST_CHUNK_REPLY, "250 2.0.0 taken");
      }
    }

    /** What the URL names is {@link #NAMED}. */
    private void burl(boolean last) throws IOException {
      chunks.append(NAMED);
      if (last) {
        takeChunks();
        say(Step.LAST_BURL, "250 2.0.0 taken");
      } else {
        say(Step.BURL, "250 2.0.0 go on");
      }
    }

    private void takeChunks() {
      messages.add(chunks.toString());
      chunks.setLength(0);
    }

    private void say(Step at, String reply) throws IOException {
      pass(at);
      write(reply + "\r\n");
    }

    private void pass(Step at) throws IOException {
      Plan now = plan;
      if (now == null || now.step() != at || (!session && at != Step.GREETING)) {
        return;
      }
      broken.incrementAndGet();
      switch (now.fault()) {
        case CLOSE -> {}
        case RESET -> client.setSoLinger(true, 0);
        case STALL -> {
          if (now.over().join()) {
            mute = true;
            return;
          }
        }
        case GARBAGE -> {
          write("2x0 what is that\r\n");
          // it would go on, if one let it
          return;
        }
        case PARTIAL_LINE -> write("250 2.0");
      }
      throw new Broken();
    }

    private void write(String octets) throws IOException {
      if (mute) {
        return;
      }
      out.write(octets.getBytes(ISO_8859_1));
      out.flush();
    }

    private @Nullable String line() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int octet = in.read(); octet != '\n'; octet = in.read()) {
        if (octet < 0) {
          return null;
        }
        line.append((char) octet);
      }
      line.setLength(Math.max(0, line.length() - 1));
      return line.toString();
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "faulty-server");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    mend();
    socket.close();
  }
}
