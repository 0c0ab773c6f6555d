package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.RefusedClientCertificate.Reason;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.CertificateBuilder.KeyUsage;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientPathTest {
  @TempDir private Path folder;

  private X509Bundle authority;
  private X509Bundle between;

  @BeforeEach
  void makeAuthorities() throws Exception {
    authority = ClientPki.authority("Authority");
    between = ClientPki.intermediate("Between", authority);
  }

  @Test
  void takesIntermediatesInAnyOrderAndIgnoresWhatDoesNotBelong() throws Exception {
    X509Bundle second = ClientPki.intermediate("Second", between);
    List<X509Certificate> chain =
        new ArrayList<>(
            Arrays.asList(ClientPki.client("a").buildIssuedBy(second).getCertificatePath()));
    chain.add(authority.getCertificate());
    chain.add(ClientPki.authority("Stranger").getCertificate());
    Collections.reverse(chain.subList(1, chain.size()));

    assertThat(refusal(chain, trusting(authority))).isEmpty();
  }

  @Test
  void anIntermediateCanBeTrustedForItself() throws Exception {
    X509Bundle client = ClientPki.client("a").buildIssuedBy(between);

    assertThat(refusal(List.of(client.getCertificate()), trusting(between))).isEmpty();
    assertThat(refusal(List.of(client.getCertificate()), trusting(authority)))
        .contains(Reason.UNKNOWN_AUTHORITY);
  }

  @Test
  void aClientCannotVouchForAnother() throws Exception {
    X509Bundle client = ClientPki.client("a").buildIssuedBy(authority);
    X509Bundle forged =
        ClientPki.client("b")
            .buildIssuedBy(
                X509Bundle.fromCertificatePath(
                    client.getCertificatePath(), authority.getCertificate(), client.getKeyPair()));

    assertThat(
            refusal(List.of(forged.getCertificate(), client.getCertificate()), trusting(authority)))
        .contains(Reason.INVALID);
  }

  @Test
  void anExpiredAuthorityVouchesForNobody() throws Exception {
    X509Bundle old =
        ClientPki.certificate("Old")
            .setIsCertificateAuthority(true)
            .notAfter(ClientPki.NOW.minus(Duration.ofHours(1)))
            .buildSelfSigned();
    Authorities authorities = trusting(old);

    assertThat(refusal(ClientPki.client("a").buildIssuedBy(old), authorities))
        .contains(Reason.EXPIRED);
    assertThat(authorities.doubts(ClientPki.NOW))
        .singleElement()
        .asString()
        .startsWith("the authority CN=Old expired on ");
  }

  @Test
  void anIntermediateForServersDoesNotVouchForClients() throws Exception {
    X509Bundle servers =
        ClientPki.certificate("Servers")
            .setIsCertificateAuthority(true)
            .addExtendedKeyUsageServerAuth()
            .buildIssuedBy(authority);

    assertThat(refusal(ClientPki.client("a").buildIssuedBy(servers), trusting(authority)))
        .contains(Reason.WRONG_USAGE);
  }

  @Test
  void aKeyThatMustNotSignIsRefused() throws Exception {
    X509Bundle client =
        ClientPki.client("a").setKeyUsage(true, KeyUsage.keyAgreement).buildIssuedBy(authority);

    assertThat(refusal(client, trusting(authority))).contains(Reason.WRONG_USAGE);
  }

  @Test
  void aCertificateWithoutAnyUsageIsForAll() throws Exception {
    assertThat(refusal(ClientPki.certificate("a").buildIssuedBy(authority), trusting(authority)))
        .isEmpty();
  }

  @Test
  void weakKeysAreRefused() throws Exception {
    KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
    rsa.initialize(1024);
    X509Bundle weak =
        ClientPki.client("a").publicKey(rsa.generateKeyPair().getPublic()).buildIssuedBy(authority);
    X509Bundle strong = ClientPki.client("a").algorithm(Algorithm.rsa2048).buildIssuedBy(authority);

    assertThat(refusal(weak, trusting(authority))).contains(Reason.WEAK);
    assertThat(refusal(strong, trusting(authority))).isEmpty();
  }

  @Test
  void anAuthoritysNameConstraintsHold() throws Exception {
    X509Bundle limited =
        ClientPki.certificate("Limited")
            .setIsCertificateAuthority(true)
            .addExtensionOctetString("2.5.29.30", true, onlyMailOf("example.org"))
            .buildSelfSigned();
    Authorities authorities = trusting(limited);

    assertThat(
            refusal(
                ClientPki.client("a").addSanRfc822Name("a@example.org").buildIssuedBy(limited),
                authorities))
        .isEmpty();
    assertThat(
            refusal(
                ClientPki.client("a").addSanRfc822Name("a@example.com").buildIssuedBy(limited),
                authorities))
        .contains(Reason.INVALID);
  }

  @Test
  void everyIssuerInThePathNeedsACurrentList() throws Exception {
    X509Bundle client = ClientPki.client("a").buildIssuedBy(between);
    Path root = ClientPki.pem(folder.resolve("root.pem"), ClientPki.revocations(authority));
    Path both =
        ClientPki.pem(
            folder.resolve("both.pem"),
            ClientPki.revocations(authority),
            ClientPki.revocations(between));

    assertThat(refusal(client, reading(List.of(root), authority)))
        .contains(Reason.REVOCATION_UNKNOWN);
    assertThat(refusal(client, reading(List.of(both), authority))).isEmpty();
  }

  @Test
  void aRevokedIntermediateVouchesForNobody() throws Exception {
    Path lists =
        ClientPki.pem(
            folder.resolve("lists.pem"),
            ClientPki.revocations(authority, between.getCertificate()),
            ClientPki.revocations(between));

    assertThat(
            refusal(
                ClientPki.client("a").buildIssuedBy(between), reading(List.of(lists), authority)))
        .contains(Reason.REVOKED);
  }

  @Test
  void aListThatIsTooOldKeepsEverybodyOutAndIsToldOf() throws Exception {
    Path list =
        ClientPki.pem(
            folder.resolve("old.pem"),
            ClientPki.revocations(authority, ClientPki.NOW.minus(Duration.ofHours(6))));
    Authorities authorities = reading(List.of(list), authority);

    assertThat(refusal(ClientPki.client("a").buildIssuedBy(authority), authorities))
        .contains(Reason.REVOCATION_UNKNOWN);
    assertThat(authorities.doubts(ClientPki.NOW))
        .singleElement()
        .asString()
        .startsWith("the revocation list of CN=Authority was due for renewal on ");
  }

  @Test
  void aListThatNeverEndsIsNotCurrentAndToldOf() throws Exception {
    Path list =
        ClientPki.pem(
            folder.resolve("endless.pem"), ClientPki.revocations(authority, (Instant) null));
    Authorities authorities = reading(List.of(list), authority);

    assertThat(refusal(ClientPki.client("a").buildIssuedBy(authority), authorities))
        .contains(Reason.REVOCATION_UNKNOWN);
    assertThat(authorities.doubts(ClientPki.NOW))
        .singleElement()
        .asString()
        .startsWith("the revocation list of CN=Authority does not say when it is renewed");
    assertThat(authorities.revocationsEnd()).contains(Instant.EPOCH);
  }

  @Test
  void anOldListBesideACurrentOneIsNoDoubt() throws Exception {
    Instant end = ClientPki.NOW.plus(Duration.ofHours(6));
    Path lists =
        ClientPki.pem(
            folder.resolve("lists.pem"),
            ClientPki.revocations(authority, ClientPki.NOW.minus(Duration.ofHours(6))),
            ClientPki.revocations(authority, end),
            ClientPki.revocations(authority, (Instant) null));
    Authorities authorities = reading(List.of(lists), authority);

    assertThat(refusal(ClientPki.client("a").buildIssuedBy(authority), authorities)).isEmpty();
    assertThat(authorities.doubts(ClientPki.NOW)).isEmpty();
    assertThat(authorities.revocationsEnd()).contains(end);
  }

  @Test
  void tellsWhenTheFirstIssuerIsLeftWithoutAList() throws Exception {
    X509Bundle other = ClientPki.authority("Other");
    Instant first = ClientPki.NOW.plus(Duration.ofDays(1));
    Path lists =
        ClientPki.pem(
            folder.resolve("lists.pem"),
            ClientPki.revocations(authority, ClientPki.NOW.plus(Duration.ofDays(2))),
            ClientPki.revocations(other, first));

    assertThat(reading(List.of(lists), authority, other).revocationsEnd()).contains(first);
    assertThat(
            reading(List.of(lists), authority, other, ClientPki.authority("Forgotten"))
                .revocationsEnd())
        .contains(Instant.EPOCH);
    assertThat(trusting(authority).revocationsEnd()).isEmpty();
  }

  @Test
  void anAuthorityWithoutAListIsToldOf() throws Exception {
    Path list = ClientPki.pem(folder.resolve("list.pem"), ClientPki.revocations(authority));
    Authorities authorities = reading(List.of(list), authority, ClientPki.authority("Forgotten"));

    assertThat(authorities.doubts(ClientPki.NOW))
        .containsExactly(
            "the authority CN=Forgotten has no revocation list: its clients are refused; add its"
                + " list");
  }

  @Test
  void listsAreReadInDerToo() throws Exception {
    X509Bundle client = ClientPki.client("a").buildIssuedBy(authority);
    Path list =
        Files.write(
            folder.resolve("list.der"),
            ClientPki.revocations(authority, client.getCertificate()).getEncoded());

    assertThat(refusal(client, reading(List.of(list), authority))).contains(Reason.REVOKED);
  }

  @Test
  void tellsEverythingThatIsWrongWithItsFiles() throws Exception {
    List<String> problems = new ArrayList<>();
    Path leaf =
        ClientPki.pem(
            folder.resolve("leaf.pem"),
            authority.getCertificate(),
            ClientPki.client("a").buildIssuedBy(authority).getCertificate());
    Path empty = Files.writeString(folder.resolve("empty.pem"), "");
    Path forged =
        ClientPki.pem(
            folder.resolve("forged.pem"), ClientPki.revocations(ClientPki.authority("Authority")));
    Path none = folder.resolve("none.pem");

    Authorities.read(leaf, List.of(empty, leaf, forged, none), problems);
    Authorities.read(empty, List.of(), problems);
    Authorities.read(Files.writeString(folder.resolve("junk"), "junk"), List.of(), problems);

    assertThat(problems)
        .satisfiesExactly(
            p -> assertThat(p).contains("leaf.pem: CN=a is no authority"),
            p -> assertThat(p).contains("empty.pem holds no certificate revocation list"),
            p -> assertThat(p).contains("leaf.pem is not a file of certificate revocation lists"),
            p -> assertThat(p).contains("forged.pem: the list of CN=Authority is not signed"),
            p -> assertThat(p).contains("none.pem cannot be read (NoSuchFileException)"),
            p -> assertThat(p).contains("empty.pem holds no certificate;"),
            p -> assertThat(p).contains("junk"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"com.sun.security.enableCRLDP", "com.sun.security.enableAIAcaIssuers"})
  void doesNotWorkWithARuntimeThatFetches(String property) throws Exception {
    System.setProperty(property, "true");
    try {
      assertThat(problemsOfTheRuntime())
          .singleElement()
          .asString()
          .contains("start it without -D" + property);
    } finally {
      System.clearProperty(property);
    }
  }

  @Test
  void doesNotWorkWithARuntimeThatAsksResponders() throws Exception {
    String before = Security.getProperty("ocsp.enable");
    Security.setProperty("ocsp.enable", "TRUE");
    try {
      assertThat(problemsOfTheRuntime()).singleElement().asString().contains("ocsp.enable=true");
    } finally {
      Security.setProperty("ocsp.enable", before == null ? "false" : before);
    }
  }

  private List<String> problemsOfTheRuntime() throws Exception {
    List<String> problems = new ArrayList<>();
    Authorities.read(
        ClientPki.pem(folder.resolve("a.pem"), authority.getCertificate()),
        List.of(ClientPki.pem(folder.resolve("list.pem"), ClientPki.revocations(authority))),
        problems);
    return problems;
  }

  @Test
  void whatIsNoCertificateIsRefusedWhateverItIs() throws Exception {
    byte[] good = ClientPki.client("a").buildIssuedBy(authority).getCertificate().getEncoded();
    Authorities authorities = trusting(authority);
    Random random = new Random(11);
    for (int i = 0; i < 2_000; i++) {
      byte[] bad =
          Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
      for (int j = 0; j < bad.length && j < 3; j++) {
        bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
      }
      if (!Arrays.equals(good, bad)) {
        assertThat(refusal(List.of(new RawCertificate(bad)), authorities)).isPresent();
      }
    }
  }

  private static byte[] onlyMailOf(String host) throws Exception {
    return new NameConstraints(
            new GeneralSubtree[] {
              new GeneralSubtree(new GeneralName(GeneralName.rfc822Name, host))
            },
            null)
        .getEncoded();
  }

  private Authorities trusting(X509Bundle... bundles) throws Exception {
    return reading(List.of(), bundles);
  }

  private Authorities reading(List<Path> lists, X509Bundle... bundles) throws Exception {
    List<String> problems = new ArrayList<>();
    Authorities authorities =
        Authorities.read(
            ClientPki.pem(
                folder.resolve("authorities.pem"),
                Arrays.stream(bundles).map(X509Bundle::getCertificate).toArray()),
            lists,
            problems);
    assertThat(problems).isEmpty();
    return authorities;
  }

  private static Optional<Reason> refusal(X509Bundle client, Authorities authorities) {
    return refusal(List.of(client.getCertificatePath()), authorities);
  }

  private static Optional<Reason> refusal(List<X509Certificate> chain, Authorities authorities) {
    return new ClientPath(authorities, 3)
        .refusal(chain.toArray(new X509Certificate[0]), ClientPki.NOW);
  }
}
