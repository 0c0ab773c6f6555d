package dev.postern.deploy.backend;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The servers that are installed on this machine, as child processes of the tests' JVM, below a
 * temporary folder. They and the folder go when this is closed or the JVM ends, whichever is first.
 */
final class ProcessBackends implements MailBackends {

  private static final int ATTEMPTS = 3;

  /** A Unix socket's path has at most 107 octets; those of the servers need up to 45 of them. */
  private static final int LONGEST_FOLDER = 60;

  /** The servers' own users have to pass. */
  private static final String OPEN = "rwxr-xr-x";

  private final Teardown teardown;
  private final DovecotServer dovecot;
  private final @Nullable PostfixServer postfix;
  private final DirectMailbox mailbox;

  private ProcessBackends(
      Teardown teardown, DovecotServer dovecot, @Nullable PostfixServer postfix) {
    this.teardown = teardown;
    this.dovecot = dovecot;
    this.postfix = postfix;
    this.mailbox = new DirectMailbox(dovecot.imap(), dovecot.lmtp());
  }

  /** Why a server cannot run here, in words for whoever wonders why tests were skipped. */
  static Optional<String> obstacle(BackendServer server) {
    return switch (server) {
      case DOVECOT -> DovecotServer.obstacle();
      case POSTFIX -> PostfixServer.obstacle();
    };
  }

  /**
   * Starts Dovecot and, where it can run, Postfix; returns when both greet.
   *
   * @throws StartFailure if one does not come up
   */
  static ProcessBackends start() {
    return start(Settings.OF_THE_TESTS);
  }

  /**
   * Starts Dovecot and, where it can run, Postfix, with some settings changed.
   *
   * @throws StartFailure if one does not come up
   */
  static ProcessBackends start(Settings settings) {
    for (int attempt = 1; ; attempt++) {
      Teardown teardown = new Teardown();
      try {
        return start(settings, teardown);
      } catch (IOException e) {
        teardown.run();
        throw new UncheckedIOException(e);
      } catch (RuntimeException e) {
        teardown.run();
        boolean again = e instanceof StartFailure failure && failure.addressTaken();
        if (!again || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static ProcessBackends start(Settings settings, Teardown teardown) throws IOException {
    Path folder = teardown.acquire(() -> Files.createTempDirectory("pst"), ProcessBackends::delete);
    if (folder.toString().length() > LONGEST_FOLDER) {
      throw new IOException(
          "java.io.tmpdir is too long a path for Unix sockets below it: " + folder.getParent());
    }
    Privileges.set(folder, OPEN);
    Path dovecotFolder = Privileges.set(Files.createDirectory(folder.resolve("d")), OPEN);
    DovecotServer dovecot = DovecotServer.start(dovecotFolder, settings, teardown);
    if (PostfixServer.obstacle().isPresent()) {
      return new ProcessBackends(teardown, dovecot, null);
    }
    Path postfixFolder = Privileges.set(Files.createDirectory(folder.resolve("p")), OPEN);
    PostfixServer postfix = PostfixServer.start(postfixFolder, settings, dovecot, teardown);
    return new ProcessBackends(teardown, dovecot, postfix);
  }

  @Override
  public InetSocketAddress imap() {
    return dovecot.imap();
  }

  @Override
  public InetSocketAddress pop3() {
    return dovecot.pop3();
  }

  @Override
  public InetSocketAddress submission() {
    return postfix().submission();
  }

  @Override
  public InetSocketAddress submissionForDevices() {
    return postfix().submissionForDevices();
  }

  private PostfixServer postfix() {
    if (postfix == null) {
      throw new IllegalStateException(PostfixServer.obstacle().orElse("Postfix does not run"));
    }
    return postfix;
  }

  @Override
  public String dovecotProfile() {
    return DovecotServer.PROFILE;
  }

  @Override
  public String postfixProfile() {
    return PostfixServer.PROFILE;
  }

  @Override
  public void deliver(Account account, List<byte[]> messages) {
    mailbox.deliver(account, messages);
  }

  @Override
  public void empty(Account account) {
    mailbox.empty(account);
  }

  @Override
  public byte[] awaitMessage(Duration atMost, Account account, String messageId) {
    awaitLog(
        atMost, "lmtp(" + account.user() + ")", "msgid=" + messageId + ": saved mail to INBOX");
    return mailbox.read(account, messageId);
  }

  @Override
  public String dovecotLog() {
    return dovecot.log().text();
  }

  @Override
  public String postfixLog() {
    return postfix == null ? "" : postfix.log().text();
  }

  @Override
  public Predicate<String> postfixLogFromNow() {
    LogFile.Reading reading = postfix().log().readingFromNow();
    return text -> reading.next(line -> line.contains(text)).isPresent();
  }

  @Override
  public boolean isPostfixIdle() {
    return postfix().isIdle();
  }

  @Override
  public String awaitLog(Duration atMost, Predicate<String> line) {
    List<LogFile> logs =
        postfix == null ? List.of(dovecot.log()) : List.of(dovecot.log(), postfix.log());
    List<LogFile.Reading> readings = logs.stream().map(LogFile::reading).toList();
    try {
      return await()
          .atMost(atMost)
          .pollDelay(Duration.ZERO)
          .pollInterval(Duration.ofMillis(10))
          .until(
              () -> readings.stream().flatMap(reading -> reading.next(line).stream()).findFirst(),
              Optional::isPresent)
          .orElseThrow();
    } catch (ConditionTimeoutException e) {
      String tails = String.join("\n", logs.stream().map(LogFile::tail).toList());
      throw new AssertionError("no such line in " + atMost + "\n" + tails, e);
    }
  }

  @Override
  public void close() {
    teardown.run();
  }

  private static void delete(Path folder) {
    // A killed process may still be about to leave a file.
    await()
        .atMost(Duration.ofSeconds(5))
        .pollDelay(Duration.ZERO)
        .pollInterval(Duration.ofMillis(20))
        .ignoreExceptions()
        .until(() -> deleteOnce(folder));
  }

  private static boolean deleteOnce(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.walk(folder)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.deleteIfExists(file);
        }
      }
    }
    return true;
  }
}
