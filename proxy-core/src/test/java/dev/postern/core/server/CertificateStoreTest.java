package dev.postern.core.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.config.CertificateSettings;
import dev.postern.core.config.StaplingSettings;
import dev.postern.core.tls.CertificateFiles;
import dev.postern.core.tls.ocsp.Stapling;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("CCO-4.4")
class CertificateStoreTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

  @TempDir Path folder;
  private final Stapling stapling = Stapling.start();
  private final CertificateStore store = new CertificateStore(InstantSource.fixed(NOW), stapling);

  @AfterEach
  void close() {
    stapling.close();
  }

  private X509Certificate write(String name, Instant end) throws Exception {
    return write(name, NOW.minusSeconds(100_000), end);
  }

  private X509Certificate write(String name, Instant begin, Instant end) throws Exception {
    X509Bundle made =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=mail.example.org")
            .addSanDnsName("Mail.Example.org")
            .setIsCertificateAuthority(true)
            .notBefore(begin)
            .notAfter(end)
            .buildSelfSigned();
    Files.writeString(folder.resolve(name + ".pem"), made.getCertificatePathPEM());
    Files.writeString(folder.resolve(name + ".key"), made.getPrivateKeyPEM());
    return made.getCertificate();
  }

  private CertificateSettings settings(String name, String... serverNames) {
    return new CertificateSettings(
        name,
        List.of(serverNames),
        new CertificateFiles.Pem(
            folder.resolve(name + ".pem"), folder.resolve(name + ".key"), Optional.empty()),
        new StaplingSettings.Off());
  }

  private CertificateState read(Map<String, CertificateState> before) {
    return store.read(List.of(settings("a")), before).get("a");
  }

  private static X509Certificate shown(CertificateState state) {
    return state.usable().orElseThrow().material().chain().get(0);
  }

  @Test
  void eachCertificateIsReadForItself() throws Exception {
    write("a", NOW.plusSeconds(3600));
    Files.writeString(folder.resolve("b.pem"), "nothing");
    Map<String, CertificateState> states =
        store.read(List.of(settings("b"), settings("a")), Map.of());
    assertThat(states.keySet()).containsExactly("b", "a");
    assertThat(states.get("a")).isInstanceOf(CertificateState.Loaded.class);
    assertThat(states.get("b")).isInstanceOf(CertificateState.Unusable.class);
    assertThat(states.get("b").problem()).hasValueSatisfying(p -> assertThat(p).contains("b.key"));
    assertThat(states.get("b").usable()).isEmpty();
  }

  @Test
  void namesAreThoseOfTheConfigurationAndElseOfTheCertificate() throws Exception {
    write("a", NOW.plusSeconds(3600));
    assertThat(read(Map.of()).usable().orElseThrow().serverNames())
        .containsExactly("mail.example.org");
    assertThat(
            store
                .read(List.of(settings("a", "imap.example.org")), Map.of())
                .get("a")
                .usable()
                .orElseThrow()
                .serverNames())
        .containsExactly("imap.example.org");
  }

  @Test
  void aBrokenFileKeepsTheCertificateInForceUntilItIsRight() throws Exception {
    X509Certificate first = write("a", NOW.plusSeconds(3600));
    Map<String, CertificateState> before = store.read(List.of(settings("a")), Map.of());
    X509Certificate second = write("a", NOW.plusSeconds(7200));
    String key = Files.readString(folder.resolve("a.key"));
    Files.writeString(folder.resolve("a.key"), "garbage");
    for (int i = 0; i < 3; i++) {
      before = store.read(List.of(settings("a")), before);
      assertThat(before.get("a")).isInstanceOf(CertificateState.Kept.class);
      assertThat(shown(before.get("a"))).isEqualTo(first);
      assertThat(before.get("a").problem())
          .hasValueSatisfying(p -> assertThat(p).contains("a.key holds no private key"));
    }
    Files.delete(folder.resolve("a.key"));
    assertThat(read(before)).isInstanceOf(CertificateState.Kept.class);
    Files.writeString(folder.resolve("a.key"), key);
    CertificateState mended = read(before);
    assertThat(mended).isInstanceOf(CertificateState.Loaded.class);
    assertThat(shown(mended)).isEqualTo(second);
  }

  @Test
  void oneThatHasExpiredDoesNotReplaceOneThatHasNot() throws Exception {
    X509Certificate good = write("a", NOW.plusSeconds(3600));
    Map<String, CertificateState> before = store.read(List.of(settings("a")), Map.of());
    write("a", NOW.minusSeconds(1));
    CertificateState kept = read(before);
    assertThat(kept).isInstanceOf(CertificateState.Kept.class);
    assertThat(shown(kept)).isEqualTo(good);
    assertThat(kept.problem())
        .hasValueSatisfying(p -> assertThat(p).contains("a.pem expired on 2026-11-22T09:59:59Z"));
  }

  @Test
  void oneThatIsNotValidYetWaitsForItsTimeBehindOneThatIs() throws Exception {
    X509Certificate good = write("a", NOW.plusSeconds(3600));
    Map<String, CertificateState> before = store.read(List.of(settings("a")), Map.of());
    X509Certificate next = write("a", NOW.plusSeconds(60), NOW.plusSeconds(7200));
    CertificateState kept = read(before);
    assertThat(shown(kept)).isEqualTo(good);
    assertThat(kept)
        .isInstanceOfSatisfying(
            CertificateState.Kept.class, k -> assertThat(k.until()).contains(NOW.plusSeconds(60)));
    CertificateStore later =
        new CertificateStore(InstantSource.fixed(NOW.plusSeconds(60)), stapling);
    CertificateState taken = later.read(List.of(settings("a")), Map.of("a", kept)).get("a");
    assertThat(taken).isInstanceOf(CertificateState.Loaded.class);
    assertThat(shown(taken)).isEqualTo(next);
  }

  @Test
  void oneThatHasExpiredIsBetterThanNoneAndThanAnOlderOne() throws Exception {
    write("a", NOW.minusSeconds(100));
    Map<String, CertificateState> before = store.read(List.of(settings("a")), Map.of());
    assertThat(before.get("a")).isInstanceOf(CertificateState.Loaded.class);
    X509Certificate newer = write("a", NOW.minusSeconds(1));
    CertificateState state = read(before);
    assertThat(state).isInstanceOf(CertificateState.Loaded.class);
    assertThat(shown(state)).isEqualTo(newer);
  }

  @Test
  void whatNeverWorkedIsTriedAgain() throws Exception {
    Map<String, CertificateState> before = store.read(List.of(settings("a")), Map.of());
    assertThat(before.get("a")).isInstanceOf(CertificateState.Unusable.class);
    write("a", NOW.plusSeconds(1));
    assertThat(read(before)).isInstanceOf(CertificateState.Loaded.class);
  }
}
