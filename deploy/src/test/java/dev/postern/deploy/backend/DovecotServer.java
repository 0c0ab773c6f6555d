package dev.postern.deploy.backend;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Dovecot 2.3 below one folder. Started by root it uses the system's users as it always does;
 * anybody else runs all of it as himself, without chroots.
 */
final class DovecotServer {

  static final String PROFILE = "dovecot-2.3";

  private static final String VERSION = "2.3.";
  private static final List<String> PROTOCOLS = List.of("imap", "pop3", "lmtp");
  private static final String MAIL_USER = "mail";
  private static final List<String> USERS = List.of("dovecot", "dovenull", MAIL_USER);

  private final ServerProcess process;
  private final InetSocketAddress imap;
  private final InetSocketAddress pop3;
  private final InetSocketAddress lmtp;
  private final Path saslSocket;

  private DovecotServer(ServerProcess process, List<InetSocketAddress> addresses, Path saslSocket) {
    this.process = process;
    this.imap = addresses.get(0);
    this.pop3 = addresses.get(1);
    this.lmtp = addresses.get(2);
    this.saslSocket = saslSocket;
  }

  /** Why it cannot run here, if so. */
  static Optional<String> obstacle() {
    Optional<Path> dovecot = Programs.find("dovecot");
    if (dovecot.isEmpty()) {
      return Optional.of("Dovecot is not installed: no program dovecot");
    }
    String version = Programs.run(dovecot.get(), "--version");
    if (!version.startsWith(VERSION)) {
      return Optional.of("Dovecot " + version + " is installed; its configuration here is for 2.3");
    }
    for (String protocol : PROTOCOLS) {
      if (!Files.isExecutable(libexec().resolve(protocol))) {
        return Optional.of("Dovecot is installed without " + protocol + ": none in " + libexec());
      }
    }
    if (Privileges.isRoot() && !USERS.stream().allMatch(Privileges::knows)) {
      return Optional.of("Dovecot, started by root, needs the users " + USERS);
    }
    if (!Privileges.isRoot() && !Privileges.hasName()) {
      return Optional.of("Dovecot needs a user with a name; the tests run as one without");
    }
    return Optional.empty();
  }

  private static Path libexec() {
    Path doveconf = Programs.find("doveconf").orElseThrow();
    return Path.of(Programs.run(doveconf, "-dh", "libexec_dir"));
  }

  /**
   * Starts it in a folder of its own, which all users must be able to enter.
   *
   * @throws StartFailure if it does not come up
   */
  static DovecotServer start(Path folder, Settings settings, Teardown teardown) throws IOException {
    Path mail = Files.createDirectory(folder.resolve("mail"));
    Path state = Files.createDirectory(folder.resolve("state"));
    Privileges.set(state, "rwxrwxrwx");
    Path log = folder.resolve("dovecot.log");
    Path saslSocket = folder.resolve("sasl");
    List<InetSocketAddress> addresses = ServerProcess.freeAddresses(3);

    Map<String, Object> values = new HashMap<>(users(mail));
    values.put("run", folder.resolve("run"));
    values.put("state", state);
    values.put("mail", mail);
    values.put("log", log);
    values.put("users", writeUsers(folder.resolve("users"), "", Account.ALL));
    values.put("masters", writeMasters(folder.resolve("masters")));
    values.put("saslSocket", saslSocket);
    values.put("imapPort", addresses.get(0).getPort());
    values.put("pop3Port", addresses.get(1).getPort());
    values.put("lmtpPort", addresses.get(2).getPort());
    Path configuration = Template.render("dovecot.conf", settings.dovecot(), folder, values);

    ServerProcess process =
        ServerProcess.start(
            List.of(
                Programs.find("dovecot").orElseThrow().toString(),
                "-F",
                "-c",
                configuration.toString()),
            log,
            teardown);
    DovecotServer server = new DovecotServer(process, addresses, saslSocket);
    process.awaitGreeting(server.imap, "* OK");
    process.awaitGreeting(server.pop3, "+OK");
    process.awaitGreeting(server.lmtp, "220");
    return server;
  }

  private static Map<String, String> users(Path mail) throws IOException {
    if (Privileges.isRoot()) {
      Privileges.give(mail, MAIL_USER);
      return Map.of(
          "internalUser", "dovecot",
          "internalGroup", "dovecot",
          "loginUser", "dovenull",
          "mailUser", MAIL_USER,
          "mailGroup", MAIL_USER,
          "loginChroot", "login",
          "emptyChroot", "empty");
    }
    PosixFileAttributes own = Files.readAttributes(mail, PosixFileAttributes.class);
    return Map.of(
        "internalUser", own.owner().getName(),
        "internalGroup", own.group().getName(),
        "loginUser", own.owner().getName(),
        "mailUser", own.owner().getName(),
        "mailGroup", own.group().getName(),
        "loginChroot", "",
        "emptyChroot", "");
  }

  /** The network is that of the connection, not of the client that the proxy speaks of. */
  private static Path writeMasters(Path file) throws IOException {
    writeUsers(file, "::::::allow_real_nets=127.0.0.0/8", List.of(Account.MASTER));
    return writeUsers(file, "::::::allow_real_nets=192.0.2.0/24", List.of(Account.DISTANT_MASTER));
  }

  /** In base64, a password may hold any octet, also the colon that ends a field of this file. */
  private static Path writeUsers(Path file, String fields, List<Account> accounts)
      throws IOException {
    Base64.Encoder base64 = Base64.getEncoder();
    Files.writeString(
        file,
        accounts.stream()
            .map(
                account ->
                    account.user()
                        + ":{PLAIN.b64}"
                        + base64.encodeToString(account.password().getBytes(StandardCharsets.UTF_8))
                        + fields
                        + "\n")
            .collect(Collectors.joining()),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    return Privileges.set(file, "rw-r--r--");
  }

  InetSocketAddress imap() {
    return imap;
  }

  InetSocketAddress pop3() {
    return pop3;
  }

  InetSocketAddress lmtp() {
    return lmtp;
  }

  /** Where Dovecot checks passwords for others. */
  Path saslSocket() {
    return saslSocket;
  }

  LogFile log() {
    return process.log();
  }
}
