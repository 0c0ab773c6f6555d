package dev.postern.deploy;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The container image that the build writes: what it says, what is in it, and that it runs. */
@EnabledIfSystemProperty(
    named = ImageArchive.PROPERTY,
    matches = ".+",
    disabledReason = "the profile image of the build is off")
class ImageIT {
  private static final String VERSION = System.getProperty("postern.version");
  private static final Pattern IMAPS = Pattern.compile("[{ ]imaps=/127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern MANAGEMENT = Pattern.compile("management=/127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern FLAG = Pattern.compile("^ *\\S+ (\\w+) += (\\S+) ");
  private static final Pattern THIRD_PARTY = Pattern.compile("app/libs/(?!proxy-).*\\.jar");
  private static final Pattern OURS =
      Pattern.compile("app/(libs/proxy-|classpath/deploy-).*\\.jar");

  /** What an intruder would look for first. */
  private static final Pattern SHELL =
      Pattern.compile("(ba|da|a|k|z|c|tc)?sh|busybox|toybox|python.*|perl.*|apt.*|dpkg.*|apk");

  @TempDir static Path scratch;
  private static ImageArchive archive;
  private static UnpackedImage image;

  private Path etc;
  private X509Bundle certificate;

  @BeforeAll
  static void unpack(TestReporter reporter) throws Exception {
    archive = ImageArchive.open(Files.createDirectory(scratch.resolve("archive")));
    image = UnpackedImage.of(archive, folder("root"));
    reporter.publishEntry(
        "container",
        image.isIsolated()
            ? "own read-only root file system, user " + image.user()
            : "files in place, this user: not root, or not on Linux");
  }

  @BeforeEach
  void configure(TestInfo test) throws Exception {
    certificate =
        new CertificateBuilder()
            .subject("CN=localhost")
            .addSanDnsName("mail.example.test")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    etc = folder(test.getTestMethod().orElseThrow().getName());
    Files.writeString(etc.resolve("chain.pem"), certificate.getCertificatePathPEM());
    Files.writeString(etc.resolve("key.pem"), certificate.getPrivateKeyPEM());
    Files.writeString(
        etc.resolve("postern.yaml"),
        """
        hostname: mail.example.test
        listeners: [{ service: imaps, address: "127.0.0.1:0" }]
        certificates: [{ name: main, chain: chain.pem, key: key.pem }]
        backends:
          imap: { profile: plain, addresses: ["127.0.0.1:1"], capabilities: [IMAP4rev1] }
        management: { address: "127.0.0.1:0" }
        """);
  }

  /** A folder that the image's user can look into. */
  private static Path folder(String name) throws IOException {
    Path folder = Files.createDirectory(scratch.resolve(name));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    return folder;
  }

  @Test
  @Tag("CARD-6")
  void greetsMailProgramsAndDrainsAsItsEntrypointSays() throws Exception {
    try (PosternProcess postern = image.start(etc, "")) {
      postern.awaitLog("ready=true", 1);
      int imaps = port(IMAPS, postern.log("listeners="));
      int management = port(MANAGEMENT, postern.log("ready=true"));
      assertThat(postern.log("listeners=")).contains("transport=epoll", "tls=boringssl");
      try (SSLSocket client = connect(imaps)) {
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(client.getInputStream(), US_ASCII));
        assertThat(lines.readLine()).startsWith("* OK ").contains("mail.example.test");
        assertThat(ready(management)).isEqualTo(200);
        postern.signal("TERM");
        assertThat(lines.readLine()).startsWith("* BYE ");
        assertThat(lines.readLine()).isNull();
      }
      assertThat(postern.exitCode()).isZero();
      assertThat(postern.output()).isNotEmpty().allMatch(line -> line.startsWith("{\"time\":"));
      assertThat(postern.errors()).allMatch(line -> line.startsWith("time="));
    }
  }

  @Test
  void saysWhatIsWrongWithAConfigurationAndEndsAsDocumented() throws Exception {
    Files.writeString(etc.resolve("postern.yaml"), "hostname: mail.example.test\n");
    try (PosternProcess postern = image.start(etc, "")) {
      assertThat(postern.exitCode()).isEqualTo(1);
      assertThat(postern.errors())
          .isNotEmpty()
          .allMatch(line -> line.startsWith("postern: ") && line.contains("postern.yaml:"));
    }
  }

  @Test
  void runsOtherCommandsToo() throws Exception {
    try (PosternProcess postern = image.start(etc, "", "version")) {
      assertThat(postern.exitCode()).isZero();
      assertThat(postern.output()).anyMatch(line -> line.contains(VERSION));
      assertThat(postern.errors()).isEmpty();
    }
  }

  @Test
  void takesAQuarterOfTheMemoryForItsHeapAndAsMuchForBuffers() throws Exception {
    assertThat(flags("-XX:MaxRAM=512m"))
        .contains("MaxHeapSize = 134217728", "MaxDirectMemorySize = 0", "UseSerialGC = true");
    assertThat(flags("-XX:MaxRAM=512m -Xmx96m -XX:MaxDirectMemorySize=64m"))
        .contains("MaxHeapSize = 100663296", "MaxDirectMemorySize = 67108864");
  }

  /** What the JVM makes of the image's options and more of an operator's: "name = value". */
  private List<String> flags(String javaOptions) throws Exception {
    try (PosternProcess postern =
        image.start(etc, javaOptions + " -XX:+PrintFlagsFinal", "version")) {
      assertThat(postern.exitCode()).as(postern.everything()).isZero();
      return postern.output().stream()
          .map(FLAG::matcher)
          .filter(Matcher::find)
          .map(flag -> flag.group(1) + " = " + flag.group(2))
          .toList();
    }
  }

  @Test
  void startsFromItsAotCache() throws Exception {
    assumeThat(image.root().resolve("app/postern.aot")).as("recorded at this build").exists();
    // The JVM then refuses to start without.
    try (PosternProcess postern = image.start(etc, "-XX:AOTMode=on", "version")) {
      assertThat(postern.exitCode()).as(postern.everything()).isZero();
    }
  }

  @Test
  void startsAllTheSameWithoutAnAotCacheOrWithOneOfOtherJars() throws Exception {
    assumeThat(image.root().resolve("app/postern.aot")).as("recorded at this build").exists();
    Path jar;
    try (Stream<Path> jars = Files.list(image.root().resolve("app/classpath"))) {
      jar = jars.findFirst().orElseThrow();
    }
    FileTime built = Files.getLastModifiedTime(jar);
    Files.setLastModifiedTime(jar, FileTime.fromMillis(built.toMillis() + 60_000));
    try (PosternProcess other = image.start(etc, "", "version");
        PosternProcess none = image.start(etc, "-XX:AOTMode=off", "version")) {
      assertThat(other.exitCode()).isZero();
      assertThat(other.errors()).isEmpty();
      assertThat(none.exitCode()).isZero();
    } finally {
      Files.setLastModifiedTime(jar, built);
    }
  }

  @Test
  void isOfAUserWhoIsNotRootAndListensWhereAnybodyMay() {
    JsonNode config = archive.description().get("config");
    assertThat(config.get("User").textValue()).isEqualTo("65532:65532");
    assertThat(texts(config.get("Cmd"))).containsExactly("run");
    assertThat(config.get("WorkingDir").textValue()).isEqualTo("/");
    assertThat(fields(config.get("ExposedPorts")))
        .containsExactlyInAnyOrder(
            "10993/tcp",
            "10143/tcp",
            "10995/tcp",
            "10110/tcp",
            "10465/tcp",
            "10587/tcp",
            "9993/tcp");
  }

  @Test
  void entersJavaWithoutAShell() {
    assertThat(texts(archive.description().get("config").get("Entrypoint")))
        .startsWith("java", "@/app/jvm/21.options")
        .endsWith(
            "-Djava.library.path=/app/native",
            "-cp",
            "@/app/jib-classpath-file",
            Main.class.getName());
  }

  @Test
  void saysWhatItIsInTheLabelsOfTheOciSpecification() {
    JsonNode labels = archive.description().get("config").get("Labels");
    assertThat(fields(labels))
        .contains(
            "org.opencontainers.image.title",
            "org.opencontainers.image.description",
            "org.opencontainers.image.version",
            "org.opencontainers.image.revision",
            "org.opencontainers.image.created",
            "org.opencontainers.image.licenses",
            "org.opencontainers.image.base.name");
    assertThat(labels).noneMatch(label -> label.textValue().contains("${"));
    assertThat(labels.get("org.opencontainers.image.version").textValue()).isEqualTo(VERSION);
  }

  @Test
  void hasAboveTheBaseWhatChangesLeastFirst() throws Exception {
    List<Integer> thirdParty = new ArrayList<>();
    List<Integer> ours = new ArrayList<>();
    List<Path> layers = archive.layers();
    for (int layer = 0; layer < layers.size(); layer++) {
      List<String> names = ImageArchive.names(layers.get(layer));
      if (names.stream().anyMatch(THIRD_PARTY.asMatchPredicate())) {
        thirdParty.add(layer);
      }
      if (names.stream().anyMatch(OURS.asMatchPredicate())) {
        ours.add(layer);
      }
    }
    assertThat(thirdParty).hasSize(1);
    assertThat(ours).hasSize(2).doesNotContainAnyElementsOf(thirdParty);
    assertThat(ImageArchive.names(layers.get(0))).noneMatch(name -> name.startsWith("app/"));
    assertThat(thirdParty.get(0)).isPositive().isLessThan(ours.get(0));
  }

  @Test
  void holdsNothingThatOthersMayWriteOrThatGivesPrivileges() throws Exception {
    try (Stream<Path> all = Files.walk(image.root())) {
      List<Path> found =
          all.filter(path -> !Files.isSymbolicLink(path)).filter(ImageIT::isLoose).toList();
      assertThat(found).isEmpty();
    }
  }

  /** Says whether others may write a file, or its user or group is lent to who runs it. */
  private static boolean isLoose(Path path) {
    try {
      int mode = (int) Files.getAttribute(path, "unix:mode");
      boolean sticky = (mode & 0_1000) != 0;
      return (mode & 0_6000) != 0 || ((mode & 0_002) != 0 && !sticky);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void holdsNoShellWhenTheBaseIsOurs() throws Exception {
    assumeThat(
            archive
                .description()
                .at("/config/Labels/org.opencontainers.image.base.name")
                .textValue())
        .as("the base")
        .isEqualTo("local");
    try (Stream<Path> all = Files.walk(image.root())) {
      Set<String> programs =
          all.filter(path -> Files.isRegularFile(path) && Files.isExecutable(path))
              .map(path -> path.getFileName().toString())
              .filter(name -> !name.contains(".so"))
              .collect(toCollection(TreeSet::new));
      assertThat(programs).contains("java").noneMatch(SHELL.asMatchPredicate());
      assertThat(programs).isSubsetOf("java", "jexec", "jspawnhelper", "keytool");
    }
  }

  @Test
  void holdsABillOfMaterialsThatNamesEveryJar() throws Exception {
    JsonNode bill = new ObjectMapper().readTree(image.root().resolve("app/sbom.json").toFile());
    assertThat(bill.get("bomFormat").textValue()).isEqualTo("CycloneDX");
    List<String> components =
        StreamSupport.stream(bill.get("components").spliterator(), false)
            .map(c -> c.get("name").textValue() + "-" + c.get("version").textValue())
            .toList();
    try (Stream<Path> jars = Files.list(image.root().resolve("app/libs"))) {
      assertThat(jars.map(jar -> jar.getFileName().toString()))
          .isNotEmpty()
          .allMatch(jar -> components.stream().anyMatch(jar::startsWith));
    }
  }

  private static List<String> texts(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonNode::textValue).toList();
  }

  private static List<String> fields(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static int port(Pattern pattern, String line) {
    Matcher matcher = pattern.matcher(line);
    assertThat(matcher.find()).as(line).isTrue();
    return Integer.parseInt(matcher.group(1));
  }

  private SSLSocket connect(int port) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, certificate.toTrustManagerFactory().getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(60_000);
    socket.startHandshake();
    return socket;
  }

  private static int ready(int port) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/ready")).build(),
              BodyHandlers.discarding())
          .statusCode();
    }
  }
}
