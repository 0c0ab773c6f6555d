package dev.postern.deploy.gate;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** A backend that greets, answers each line by rule, and counts who came. */
final class ScriptedServer implements AutoCloseable {
  private final ServerSocket socket = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
  private final AtomicInteger connections = new AtomicInteger();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final String greeting;
  private final Function<String, String> answers;

  private ScriptedServer(String greeting, Function<String, String> answers) throws IOException {
    this.greeting = greeting;
    this.answers = answers;
    daemon(this::accept);
  }

  static ScriptedServer imap() throws IOException {
    return new ScriptedServer(
        "* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID AUTH=PLAIN AUTH=LOGIN] scripted\r\n",
        line -> {
          String tag = line.split(" ", 2)[0];
          return line.contains("LOGOUT") ? "* BYE\r\n" + tag + " OK\r\n" : tag + " OK done\r\n";
        });
  }

  static ScriptedServer pop3() throws IOException {
    return new ScriptedServer(
        "+OK scripted\r\n",
        line ->
            line.startsWith("CAPA")
                ? "+OK\r\nUSER\r\nSASL PLAIN LOGIN\r\nUIDL\r\nTOP\r\n.\r\n"
                : "+OK\r\n");
  }

  static ScriptedServer smtp() throws IOException {
    return new ScriptedServer(
        "220 scripted ESMTP\r\n",
        line ->
            line.startsWith("EHLO")
                ? "250-scripted\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250 AUTH PLAIN LOGIN\r\n"
                : line.startsWith("AUTH") ? "235 2.7.0 ok\r\n" : "250 2.0.0 ok\r\n");
  }

  private void accept() {
    try {
      while (true) {
        Socket client = socket.accept();
        connections.incrementAndGet();
        daemon(() -> serve(client));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private void serve(Socket client) {
    try (client) {
      client.getOutputStream().write(greeting.getBytes(ISO_8859_1));
      BufferedReader in =
          new BufferedReader(new InputStreamReader(client.getInputStream(), ISO_8859_1));
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        heard.add(line);
        client.getOutputStream().write(answers.apply(line).getBytes(ISO_8859_1));
      }
    } catch (IOException gone) {
      // as clients do
    }
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "scripted-server");
    thread.setDaemon(true);
    thread.start();
  }

  InetSocketAddress address() {
    return (InetSocketAddress) socket.getLocalSocketAddress();
  }

  int connections() {
    return connections.get();
  }

  List<String> heard() {
    return List.copyOf(heard);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
