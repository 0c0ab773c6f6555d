package dev.postern.deploy.backend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Postfix below one folder: a submission listener whose passwords and mailboxes are Dovecot's. */
final class PostfixServer {

  static final String PROFILE = "postfix";

  private static final String USER = "postfix";

  /** What Postfix keeps in its queue's directory, of which only this user may see anything. */
  private static final List<String> QUEUES =
      List.of(
          "active",
          "bounce",
          "corrupt",
          "defer",
          "deferred",
          "flush",
          "hold",
          "incoming",
          "private",
          "saved",
          "trace");

  /** The same, with permissions of their own. */
  private static final Map<String, String> SHARED =
      Map.of("maildrop", "rwx-wx---", "public", "rwx--x---");

  /** Where a message lies until it is delivered or put off, in the order in which it passes. */
  private static final List<String> BUSY = List.of("maildrop", "incoming", "active");

  private final ServerProcess process;
  private final Path queue;
  private final InetSocketAddress submission;
  private final InetSocketAddress submissionForDevices;

  private PostfixServer(ServerProcess process, Path queue, List<InetSocketAddress> submission) {
    this.process = process;
    this.queue = queue;
    this.submission = submission.get(0);
    this.submissionForDevices = submission.get(1);
  }

  /** Why it cannot run here, if so. */
  static Optional<String> obstacle() {
    if (Programs.find("postfix").isEmpty()) {
      return Optional.of("Postfix is not installed: no program postfix");
    }
    if (!Privileges.isRoot()) {
      return Optional.of("Postfix runs only if root starts it; the tests run as another user");
    }
    return DovecotServer.obstacle().map(reason -> "Postfix needs Dovecot, but: " + reason);
  }

  /**
   * Starts it in a folder of its own, which all users must be able to enter.
   *
   * @throws StartFailure if it does not come up
   */
  static PostfixServer start(
      Path folder, Settings settings, DovecotServer dovecot, Teardown teardown) throws IOException {
    Path configuration = Files.createDirectory(folder.resolve("etc"));
    Path queue = createQueue(folder.resolve("queue"));
    Path data = Privileges.give(Files.createDirectory(folder.resolve("data")), USER);
    Path log = folder.resolve("postfix.log");
    List<InetSocketAddress> submission = ServerProcess.freeAddresses(2);

    Path mainCf =
        Template.render(
            "main.cf",
            settings.mainCf(),
            configuration,
            Map.of(
                "folder", folder,
                "queue", queue,
                "data", data,
                "log", log,
                "saslSocket", dovecot.saslSocket(),
                "lmtpPort", dovecot.lmtp().getPort(),
                "recipients",
                    Account.ALL.stream()
                        .map(account -> account.user() + "=inbox")
                        .collect(Collectors.joining(", "))));
    Template.render(
        "master.cf",
        settings.masterCf(),
        configuration,
        Map.of(
            "smtpPort", submission.get(0).getPort(), "devicesPort", submission.get(1).getPort()));
    // While main.cf is younger than a second or two, each Postfix process waits lest it still
    // changes.
    Files.setLastModifiedTime(mainCf, FileTime.from(Instant.now().minusSeconds(60)));

    ServerProcess process =
        ServerProcess.start(
            List.of(master().toString(), "-c", configuration.toString(), "-s"), log, teardown);
    PostfixServer server = new PostfixServer(process, queue, submission);
    for (InetSocketAddress address : submission) {
      process.awaitGreeting(address, "220 ");
    }
    return server;
  }

  /** As {@code postfix check} would, in less time. */
  private static Path createQueue(Path queue) throws IOException {
    Files.createDirectory(queue);
    Privileges.set(Files.createDirectory(queue.resolve("pid")), "rwxr-xr-x");
    for (String name : QUEUES) {
      Path folder = Privileges.give(Files.createDirectory(queue.resolve(name)), USER);
      Privileges.set(folder, "rwx------");
    }
    for (Map.Entry<String, String> shared : SHARED.entrySet()) {
      Path folder = Privileges.give(Files.createDirectory(queue.resolve(shared.getKey())), USER);
      Privileges.giveGroup(folder, "postdrop");
      Privileges.set(folder, shared.getValue());
    }
    return Privileges.set(queue, "rwxr-xr-x");
  }

  private static Path master() {
    Path postconf = Programs.find("postconf").orElseThrow();
    return Path.of(Programs.run(postconf, "-dh", "daemon_directory"), "master");
  }

  InetSocketAddress submission() {
    return submission;
  }

  InetSocketAddress submissionForDevices() {
    return submissionForDevices;
  }

  LogFile log() {
    return process.log();
  }

  /** Says whether it has no message that it is taking in or delivering. */
  boolean isIdle() {
    return BUSY.stream().allMatch(name -> isEmpty(queue.resolve(name)));
  }

  private static boolean isEmpty(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.findAny().isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
