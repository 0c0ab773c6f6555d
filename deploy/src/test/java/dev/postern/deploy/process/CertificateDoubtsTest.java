package dev.postern.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.deploy.process.CertificateDoubts.Doubt;
import dev.postern.deploy.process.CertificateDoubts.Weight;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("CCO-4.4")
@Tag("DEEP-10.5")
class CertificateDoubtsTest {
  private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
  private static final byte[] STATUS_REQUEST = {0x30, 0x03, 0x02, 0x01, 0x05};

  private static CertificateBuilder builder(String name, Duration validity) {
    return new CertificateBuilder()
        .ecp256()
        .subject("CN=" + name)
        .notBefore(NOW.minus(Duration.ofDays(1)))
        .notAfter(NOW.plus(validity));
  }

  private static X509Bundle root() throws Exception {
    return builder("Root", Duration.ofDays(3650)).setIsCertificateAuthority(true).buildSelfSigned();
  }

  private static List<X509Certificate> chain(CertificateBuilder issuer, CertificateBuilder leaf)
      throws Exception {
    X509Bundle intermediate = issuer.setIsCertificateAuthority(true).buildIssuedBy(root());
    return List.of(
        leaf.buildIssuedBy(intermediate).getCertificate(), intermediate.getCertificate());
  }

  private static CertificateBuilder leaf() {
    return builder("mail", Duration.ofDays(90)).addSanDnsName("mail.example.org");
  }

  private static List<Doubt> doubts(List<X509Certificate> chain, String... names) {
    return CertificateDoubts.of(chain, List.of(names), false, NOW);
  }

  @Test
  void aGoodChainRaisesNone() throws Exception {
    assertThat(doubts(chain(builder("CA", Duration.ofDays(900)), leaf()), "mail.example.org"))
        .isEmpty();
  }

  @Test
  void anIssuerThatEndsBeforeWhatItIssuedIsToldAndOneThatHasEndedIsAnError() throws Exception {
    assertThat(doubts(chain(builder("CA", Duration.ofDays(30)), leaf())))
        .singleElement()
        .satisfies(
            doubt -> {
              assertThat(doubt.message())
                  .isEqualTo(
                      "holds the issuer \"CN=CA\", which expires on 2026-12-22, before what it"
                          + " issued");
              assertThat(doubt.weight()).isEqualTo(Weight.WARNING);
            });
    assertThat(doubts(chain(builder("CA", Duration.ofHours(-1)), leaf())))
        .singleElement()
        .satisfies(
            doubt -> {
              assertThat(doubt.message()).contains("\"CN=CA\"", "expired on 2026-11-22");
              assertThat(doubt.weight()).isEqualTo(Weight.ERROR);
            });
  }

  @Test
  void theCertificateItselfIsAnErrorOnlyOnceItHasExpired() throws Exception {
    CertificateBuilder ca = builder("CA", Duration.ofDays(900));
    assertThat(doubts(chain(ca, builder("mail", Duration.ofDays(14).plusSeconds(1))))).isEmpty();
    assertThat(doubts(chain(ca, builder("mail", Duration.ofDays(14)))))
        .extracting(Doubt::weight)
        .containsExactly(Weight.WARNING);
    assertThat(doubts(chain(ca, builder("mail", Duration.ZERO))))
        .extracting(Doubt::weight)
        .containsExactly(Weight.ERROR);
    assertThat(doubts(chain(ca, leaf().notBefore(NOW.plusSeconds(1)))))
        .singleElement()
        .satisfies(doubt -> assertThat(doubt.message()).startsWith("is not valid before"));
  }

  @Test
  void namesThatItIsNotForAreToldOneByOne() throws Exception {
    List<X509Certificate> chain = chain(builder("CA", Duration.ofDays(900)), leaf());
    assertThat(doubts(chain, "mail.example.org", "imap.example.org", "*.example.org"))
        .extracting(Doubt::message)
        .containsExactly(
            "is not for imap.example.org, which is among its names here",
            "is not for *.example.org, which is among its names here");
  }

  @Test
  void mustStapleIsToldWhereNothingIsStapled() throws Exception {
    List<X509Certificate> chain =
        chain(
            builder("CA", Duration.ofDays(900)),
            leaf().addExtensionOctetString("1.3.6.1.5.5.7.1.24", false, STATUS_REQUEST));
    assertThat(doubts(chain))
        .singleElement()
        .satisfies(doubt -> assertThat(doubt.message()).startsWith("demands an OCSP response"));
    assertThat(CertificateDoubts.of(chain, List.of(), true, NOW)).isEmpty();
  }

  @Test
  void weakIssuersAndSignaturesWithSha1AreTold() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(1024);
    KeyPair weak = generator.generateKeyPair();
    X500Principal authority = new X500Principal("CN=Weak");
    X509Certificate issuer = signed(weak, authority, new X500Principal("CN=Root"), weak, "SHA256");
    generator.initialize(2048);
    X509Certificate leaf =
        signed(generator.generateKeyPair(), new X500Principal("CN=mail"), authority, weak, "SHA1");
    assertThat(doubts(List.of(leaf, issuer)))
        .extracting(Doubt::message)
        .containsExactly(
            "holds the issuer \"CN=Weak\", which has an RSA key of 1024 bits, which is too weak",
            "is signed with SHA-1, which mail programs refuse");
  }

  private static X509Certificate signed(
      KeyPair subjects, X500Principal subject, X500Principal issuer, KeyPair issuers, String hash)
      throws Exception {
    return new JcaX509CertificateConverter()
        .getCertificate(
            new JcaX509v3CertificateBuilder(
                    issuer,
                    BigInteger.ONE,
                    Date.from(NOW.minus(Duration.ofDays(1))),
                    Date.from(NOW.plus(Duration.ofDays(90))),
                    subject,
                    subjects.getPublic())
                .build(new JcaContentSignerBuilder(hash + "withRSA").build(issuers.getPrivate())));
  }
}
