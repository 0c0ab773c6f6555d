package dev.postern.deploy.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.gate.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package, installed into a folder by dpkg, used from there, removed and purged. */
class DebianPackageIT {
  private static final Path PACKAGE = Path.of(System.getProperty("postern.deb", "none"));

  /** Who the maintainer scripts find in the folder: nobody, as in a system that is new. */
  private static final List<String> ACCOUNTS = List.of("passwd", "group", "shadow", "gshadow");

  @TempDir Path root;

  @BeforeEach
  void prepare() throws Exception {
    Command.need("dpkg", "dpkg", "--version");
    if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
      // Only root may give files to the user that the package makes.
      Assumptions.abort("dpkg installs only for root; the tests run as another user");
    }
    for (String folder : List.of("info", "updates", "triggers")) {
      Files.createDirectories(root.resolve("var/lib/dpkg").resolve(folder));
    }
    Files.createFile(root.resolve("var/lib/dpkg/status"));
    Files.createFile(root.resolve("var/lib/dpkg/available"));
    Files.createDirectories(root.resolve("var/log"));
    Files.createDirectory(root.resolve("etc"));
    for (String file : ACCOUNTS) {
      Files.createFile(root.resolve("etc").resolve(file));
    }
  }

  @Test
  void installsRunsAndGoesAway() throws Exception {
    String said = dpkg("--install", PACKAGE.toString());
    assertThat(said).contains("Postern is not started yet.");

    assertThat(mode("usr/bin/postern")).isEqualTo("link to ../share/postern/bin/postern");
    assertThat(mode("usr/share/postern/bin/postern")).isEqualTo("rwxr-xr-x root");
    assertThat(mode("usr/lib/systemd/system/postern.service")).isEqualTo("rw-r--r-- root");
    assertThat(mode("etc/postern/postern.yaml")).isEqualTo("rw-r--r-- root");
    assertThat(mode("etc/default/postern")).isEqualTo("rw-r--r-- root");
    assertThat(mode("etc/logrotate.d/postern")).isEqualTo("rw-r--r-- root");
    assertThat(mode("usr/share/doc/postern/copyright")).isEqualTo("rw-r--r-- root");
    try (Stream<Path> jars = Files.list(root.resolve("usr/share/postern/lib"))) {
      assertThat(jars).hasSizeGreaterThan(20).allMatch(jar -> jar.toString().endsWith(".jar"));
    }
    assertThat(Files.readString(root.resolve("usr/lib/systemd/system/postern.service")))
        .isEqualTo(Shipped.text("systemd/postern.service"));
    assertThat(root.resolve("etc/systemd")).doesNotExist();

    List<String> user = entry("passwd");
    assertThat(user.get(6)).isEqualTo("/usr/sbin/nologin");
    String group = entry("group").get(2);
    assertThat(mode("etc/postern/tls")).isEqualTo("rwxr-x--- root");
    assertThat(id("etc/postern/tls", "gid")).isEqualTo(group);
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(root.resolve("var/log/postern"))))
        .isEqualTo("rwxr-x---");
    assertThat(id("var/log/postern", "uid")).isEqualTo(user.get(2));

    worksFromWhereItIsInstalled();

    dpkg("--remove", "postern");
    assertThat(root.resolve("usr/bin/postern")).doesNotExist();
    assertThat(root.resolve("usr/share/postern")).doesNotExist();
    assertThat(root.resolve("usr/lib/systemd/system/postern.service")).doesNotExist();
    assertThat(root.resolve("etc/postern/postern.yaml")).exists();
    assertThat(root.resolve("etc/default/postern")).exists();
    assertThat(root.resolve("var/log/postern")).exists();

    dpkg("--purge", "postern");
    assertThat(root.resolve("etc/postern/postern.yaml")).doesNotExist();
    assertThat(root.resolve("etc/default/postern")).doesNotExist();
    assertThat(root.resolve("etc/logrotate.d/postern")).doesNotExist();
    assertThat(root.resolve("var/log/postern")).doesNotExist();
    assertThat(root.resolve("etc/postern/tls/privkey.pem"))
        .as("a key, which is the administrator's")
        .exists();
  }

  @Test
  void keepsWhatTheAdministratorChangedOverAnUpgradeAndLeavesNothingUnused() throws Exception {
    dpkg("--install", PACKAGE.toString());
    Path configuration = root.resolve("etc/postern/postern.yaml");
    Files.writeString(configuration, "# mine\n");
    String user = String.join(":", entry("passwd"));
    String said = dpkg("--force-confold", "--install", PACKAGE.toString());
    assertThat(said).doesNotContain("Postern is not started yet.");
    assertThat(configuration).hasContent("# mine\n");
    assertThat(String.join(":", entry("passwd"))).isEqualTo(user);

    dpkg("--purge", "postern");
    assertThat(root.resolve("etc/postern")).doesNotExist();
  }

  private void worksFromWhereItIsInstalled() throws Exception {
    assertSucceeds(run("version"), "TLS BoringSSL");
    Path yaml = Path.of(configuration());
    Files.writeString(
        yaml,
        Files.readString(yaml)
            .replace("file: /var/log/postern/", "file: " + root.resolve("var/log/postern") + "/"));
    assertThat(run("check-config", configuration()).out())
        .contains("certificates", "does not exist")
        .contains("not valid");

    Path made = root.resolve("made");
    assertSucceeds(
        run("cert", "dev", "--hostname", "mail.example.org", "--out", made.toString()), "Made ");
    Path tls = root.resolve("etc/postern/tls");
    Files.move(made.resolve("chain.pem"), tls.resolve("fullchain.pem"));
    Files.move(made.resolve("key.pem"), tls.resolve("privkey.pem"));
    assertSucceeds(run("check-config", configuration()), ": valid, listeners: 6, backends: 3");
  }

  private String configuration() {
    return root.resolve("etc/postern/postern.yaml").toString();
  }

  private Command run(String... arguments) throws Exception {
    return Command.run(
        "",
        Stream.concat(Stream.of(root.resolve("usr/bin/postern").toString()), Stream.of(arguments))
            .toArray(String[]::new));
  }

  private static void assertSucceeds(Command done, String said) {
    assertThat(done.exit()).as(done.out() + done.err()).isZero();
    assertThat(done.out()).contains(said);
  }

  /**
   * Runs dpkg on the folder. The scripts run outside of it, for there is no shell in it, and are
   * told where it is; the Java runtime is not a package there.
   */
  private String dpkg(String... arguments) throws Exception {
    Command done =
        Command.run(
            "",
            Stream.concat(
                    Stream.of(
                        "dpkg",
                        "--root=" + root,
                        "--force-script-chrootless",
                        "--force-depends",
                        "--log=" + root.resolve("dpkg.log")),
                    Stream.of(arguments))
                .toArray(String[]::new));
    assertThat(done.exit()).as(done.out() + done.err()).isZero();
    return done.out();
  }

  private List<String> entry(String file) throws IOException {
    try (Stream<String> lines = Files.lines(root.resolve("etc").resolve(file))) {
      List<String> entries = lines.filter(line -> line.startsWith("postern:")).toList();
      assertThat(entries).as(file).hasSize(1);
      return List.of(entries.getFirst().split(":", -1));
    }
  }

  private String id(String name, String which) throws IOException {
    return Files.getAttribute(root.resolve(name), "unix:" + which).toString();
  }

  private String mode(String name) throws IOException {
    Path file = root.resolve(name);
    if (Files.isSymbolicLink(file)) {
      return "link to " + Files.readSymbolicLink(file);
    }
    return PosixFilePermissions.toString(
            Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS))
        + " "
        + Files.getOwner(file).getName();
  }
}
