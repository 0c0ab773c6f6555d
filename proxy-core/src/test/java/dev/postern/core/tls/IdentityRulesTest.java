package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERT61String;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("CCO-4.2b")
class IdentityRulesTest {
  private static final String SHA256 = "ab".repeat(32);
  private static final IdentityMapping EMAIL = new IdentityMapping.Email();
  private static final IdentityMapping UPN = new IdentityMapping.UserPrincipalName();
  private static final IdentityMapping CN = new IdentityMapping.CommonName();
  private static final IdentityMapping.Fingerprints FILE =
      new IdentityMapping.Fingerprints(Path.of("users"));

  @Test
  void findsTheOneEmailAddress() throws Exception {
    assertThat(user(client().addSanDnsName("x").addSanRfc822Name("alice@example.org"), EMAIL))
        .contains("alice@example.org");
  }

  @Test
  void findsTheOneUserPrincipalName() throws Exception {
    assertThat(user(client().addSanOtherName(ClientPki.USER_PRINCIPAL_NAME, utf8("älice")), UPN))
        .contains("älice");
  }

  @Test
  void findsTheOneCommonName() throws Exception {
    assertThat(user(client().subject("O=Example, CN=alice"), CN)).contains("alice");
  }

  @Test
  void findsTheUserOfAFingerprint() throws Exception {
    assertThat(user(client(), FILE)).contains("fritz");
    assertThat(
            new IdentityRules(List.of(FILE), Map.of(FILE, Map.of("00".repeat(32), "fritz")))
                .identity(names(client()), SHA256))
        .isEmpty();
  }

  @Test
  void otherKindsOfNamesAreNoUsers() throws Exception {
    CertificateBuilder builder =
        client()
            .subject("O=Example")
            .addSanDnsName("alice")
            .addSanOtherName("1.2.3", utf8("alice"));
    assertThat(user(builder, EMAIL, UPN, CN)).isEmpty();
  }

  @Test
  void severalNamesOfAKindAreNoUser() throws Exception {
    assertThat(user(client().addSanRfc822Name("a@x").addSanRfc822Name("b@x"), EMAIL)).isEmpty();
    assertThat(
            user(
                client()
                    .addSanOtherName(ClientPki.USER_PRINCIPAL_NAME, utf8("a"))
                    .addSanOtherName(ClientPki.USER_PRINCIPAL_NAME, utf8("b")),
                UPN))
        .isEmpty();
    assertThat(user(client().subject("CN=a, CN=b"), CN)).isEmpty();
    assertThat(user(client().subject("CN=a + CN=b"), CN)).isEmpty();
  }

  @Test
  void theFirstRuleThatFindsANameDecides() throws Exception {
    CertificateBuilder both = client().subject("CN=common").addSanRfc822Name("mail@example.org");
    assertThat(user(both, EMAIL, CN)).contains("mail@example.org");
    assertThat(user(both, CN, EMAIL)).contains("common");
    assertThat(user(both, UPN, FILE, CN)).contains("fritz");
    assertThat(user(client().subject("CN=common"), EMAIL, CN)).contains("common");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "alice\0.evil.example",
        "alice\0",
        "\0alice",
        "alice\r\nNOOP",
        "alice\t",
        "alice smith",
        " alice",
        "alice ",
        "alice\u00a0",
        "al\u200bice",
        "alice\u202e",
        "alice\u2028",
        "alice\u007f",
        "alice\u0085",
        "alice\ufffd",
        "alice\ue000",
        "",
      })
  void aCraftedNameIsNobodysAndEndsTheSearch(String crafted) throws Exception {
    assertThat(user(names(commonName(new DERUTF8String(crafted))), CN)).isEmpty();
    assertThat(
            user(client().addSanOtherName(ClientPki.USER_PRINCIPAL_NAME, utf8(crafted)), UPN, FILE))
        .isEmpty();
  }

  @Test
  void anEmailAddressWithANulIsNobodysAndEndsTheSearch() throws Exception {
    assertThat(user(client().addSanRfc822Name("alice@example.org\0.evil"), EMAIL, FILE)).isEmpty();
  }

  @Test
  void anEmailAddressThatIsNotAsciiIsNobodys() throws Exception {
    assertThat(user(client().addSanRfc822Name("älice@example.org"), EMAIL, FILE)).isEmpty();
  }

  @Test
  void textsOfAmbiguousTypesAreNobodys() throws Exception {
    assertThat(user(names(commonName(new DERBMPString("alice"))), CN, FILE)).isEmpty();
    assertThat(user(names(commonName(new DERT61String("alice"))), CN, FILE)).isEmpty();
  }

  @Test
  void octetsThatAreNotUtf8AreNobodys() throws Exception {
    for (byte[] octets :
        List.of(
            new byte[] {0x0c, 2, (byte) 0xc1, (byte) 0xa1},
            new byte[] {0x0c, 2, 'a', (byte) 0xff},
            new byte[] {0x0c, 3, (byte) 0xed, (byte) 0xa0, (byte) 0x80})) {
      assertThat(user(client().addSanOtherName(ClientPki.USER_PRINCIPAL_NAME, octets), UPN, FILE))
          .isEmpty();
    }
  }

  @Test
  void aNameMayHave255OctetsAndNoMore() throws Exception {
    assertThat(user(client().addSanRfc822Name("a".repeat(255)), EMAIL)).isPresent();
    assertThat(user(client().addSanRfc822Name("a".repeat(256)), EMAIL)).isEmpty();
    assertThat(
            user(
                client().addSanOtherName(ClientPki.USER_PRINCIPAL_NAME, utf8("ä".repeat(128))),
                UPN))
        .isEmpty();
  }

  @Test
  void aSubjectAltNameThatIsNotOneDoesNoHarm() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] junk = new byte[random.nextInt(40)];
      random.nextBytes(junk);
      if (junk.length > 3 && random.nextBoolean()) {
        // a sequence of the right length, and in it what could be an otherName or an rfc822Name
        junk[0] = 0x30;
        junk[1] = (byte) (junk.length - 2);
        junk[2] = (byte) (random.nextBoolean() ? 0xa0 : 0x81);
        junk[3] = (byte) (junk.length - 4);
      }
      PresentedNames names = PresentedNames.of(new X500Principal("O=x"), junk);
      assertThat(names.commonNames()).isEmpty();
      assertThat(names.shown()).allSatisfy(name -> assertThat(name).matches("\\P{Cntrl}*"));
    }
  }

  @Test
  void whatIsShownIsPrintableAndBounded() throws Exception {
    CertificateBuilder builder =
        client()
            .subject("CN=a\\00b\\0Ac, O=\\E2\\80\\AEevil")
            .addSanRfc822Name("a\\b\n@x")
            .addSanIpAddress("192.0.2.1")
            .addSanDirectoryName("CN=Alice");
    for (int i = 0; i < 20; i++) {
      builder.addSanDnsName(i + "a".repeat(300));
    }
    X509Certificate certificate = built(builder);

    assertThat(PresentedNames.subject(certificate)).isEqualTo("CN=a\\00b\\0Ac,O=\\E2\\80\\AEevil");
    assertThat(PresentedNames.of(certificate).shown())
        .hasSize(16)
        .startsWith("email:a\\5Cb\\0A@x", "ip:192.0.2.1", "dn:CN=Alice")
        .allSatisfy(name -> assertThat(name).hasSizeLessThan(280).matches("\\P{Cntrl}*"));
  }

  @Test
  void aLongSubjectIsCut() throws Exception {
    List<String> units = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      units.add("OU=" + "x".repeat(60));
    }
    String subject = PresentedNames.subject(built(client().subject(String.join(",", units))));
    assertThat(subject).hasSizeLessThan(530).endsWith("…");
  }

  private static CertificateBuilder client() {
    return ClientPki.client("Alice Smith");
  }

  private static Optional<String> user(CertificateBuilder builder, IdentityMapping... rules)
      throws Exception {
    return user(names(builder), rules);
  }

  private static Optional<String> user(PresentedNames names, IdentityMapping... rules) {
    return new IdentityRules(List.of(rules), Map.of(FILE, Map.of(SHA256, "fritz")))
        .identity(names, SHA256);
  }

  private static PresentedNames names(CertificateBuilder builder) throws Exception {
    return PresentedNames.of(built(builder));
  }

  private static X509Certificate built(CertificateBuilder builder) throws Exception {
    X509Bundle authority = ClientPki.authority("authority");
    return builder.buildIssuedBy(authority).getCertificate();
  }

  private static CertificateBuilder commonName(ASN1Encodable value) throws Exception {
    byte[] der = new X500NameBuilder().addRDN(BCStyle.CN, value).build().getEncoded();
    return client().subject(new X500Principal(der));
  }

  private static byte[] utf8(String text) throws Exception {
    return new DERUTF8String(text).getEncoded();
  }
}
