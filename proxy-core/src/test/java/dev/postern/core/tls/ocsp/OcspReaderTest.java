package dev.postern.core.tls.ocsp;

import static dev.postern.core.tls.ocsp.OcspAuthority.LIFE;
import static dev.postern.core.tls.ocsp.OcspAuthority.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.ocsp.OcspAnswer.Good;
import dev.postern.core.tls.ocsp.OcspAnswer.Refused;
import dev.postern.core.tls.ocsp.OcspAnswer.Revoked;
import io.netty.pkitesting.X509Bundle;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.Random;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class OcspReaderTest {
  private static final Duration DAY = Duration.ofDays(1);
  private static OcspAuthority authority;
  private static OcspAuthority stranger;
  private static X509Bundle leaf;

  @BeforeAll
  static void issue() throws Exception {
    authority = new OcspAuthority("authority");
    stranger = new OcspAuthority("authority");
    leaf = authority.issue(URI.create("http://ocsp.example.org/"), false);
  }

  @Test
  void takesAGoodResponseOfTheIssuer() throws Exception {
    byte[] der = authority.good(leaf);
    OcspAnswer answer = read(der);
    assertThat(answer).isInstanceOf(Good.class);
    OcspResponse response = ((Good) answer).response();
    assertThat(response.der()).isEqualTo(der);
    assertThat(response.thisUpdate()).isEqualTo(NOW);
    assertThat(response.nextUpdate()).isEqualTo(NOW.plus(LIFE));
    assertThat(response.halfLife()).isEqualTo(NOW.plus(Duration.ofDays(2)));
  }

  @Test
  void takesAGoodResponseOfADelegate() throws Exception {
    assertThat(read(signedBy(authority.delegate(NOW.plus(DAY))))).isInstanceOf(Good.class);
  }

  @Test
  void refusesADelegateThatIsNoneOrNoLonger() throws Exception {
    assertThat(refusal(signedBy(authority.plain(NOW.plus(DAY))))).contains("signed neither");
    assertThat(refusal(signedBy(authority.server(NOW.plus(DAY))))).contains("signed neither");
    assertThat(refusal(signedBy(authority.delegate(NOW.minus(DAY))))).contains("signed neither");
    assertThat(refusal(signedBy(stranger.delegate(NOW.plus(DAY))))).contains("signed neither");
  }

  @Test
  void refusesTheSignatureOfAnotherWithTheIssuersName() throws Exception {
    assertThat(refusal(signedBy(stranger.bundle))).contains("signature that is not valid");
  }

  @Test
  void tellsThatACertificateIsRevoked() throws Exception {
    Instant since = Instant.parse("2026-02-01T00:00:00Z");
    assertThat(
            read(
                authority.sign(
                    authority.bundle,
                    leaf.getCertificate(),
                    new RevokedStatus(Date.from(since), 1),
                    NOW,
                    NOW.plus(LIFE))))
        .isEqualTo(new Revoked(since, NOW));
  }

  @Test
  void refusesAResponderThatDoesNotKnowTheCertificate() throws Exception {
    assertThat(
            refusal(
                authority.sign(
                    authority.bundle,
                    leaf.getCertificate(),
                    new UnknownStatus(),
                    NOW,
                    NOW.plus(LIFE))))
        .contains("does not know");
  }

  @Test
  void refusesWhatIsAboutAnotherCertificate() throws Exception {
    X509Bundle other = authority.issue(URI.create("http://ocsp.example.org/"), false);
    assertThat(refusal(authority.good(other))).contains("another certificate");
    // the same number, of another issuer
    BigInteger serial = leaf.getCertificate().getSerialNumber();
    assertThat(
            refusal(
                OcspAuthority.sign(
                    authority.bundle,
                    stranger.id(serial),
                    CertificateStatus.GOOD,
                    NOW,
                    NOW.plus(LIFE))))
        .contains("another certificate");
  }

  @Test
  void isGoodUntilNextUpdateAndNotThen() throws Exception {
    byte[] der = authority.good(leaf);
    OcspSubject subject = authority.subject(leaf);
    Instant end = NOW.plus(LIFE);
    assertThat(OcspReader.read(der, subject, end.minusMillis(1))).isInstanceOf(Good.class);
    assertThat(OcspReader.read(der, subject, end)).isInstanceOf(Refused.class);
    assertThat(OcspReader.read(der, subject, NOW.minus(Duration.ofMinutes(5))))
        .isInstanceOf(Good.class);
    assertThat(OcspReader.read(der, subject, NOW.minus(Duration.ofMinutes(6))))
        .isEqualTo(new Refused("is of the future, " + NOW + ": is the clock right?"));
  }

  @Test
  void refusesAResponseWithoutAnEnd() throws Exception {
    assertThat(
            refusal(
                authority.sign(
                    authority.bundle,
                    leaf.getCertificate(),
                    CertificateStatus.GOOD,
                    NOW.minus(DAY),
                    null)))
        .contains("until when");
  }

  @Test
  void refusesAResponseThatEndsBeforeItBegins() throws Exception {
    Instant soon = NOW.plusSeconds(120);
    assertThat(
            refusal(
                authority.sign(
                    authority.bundle,
                    leaf.getCertificate(),
                    CertificateStatus.GOOD,
                    soon,
                    soon.minusSeconds(60))))
        .contains("before it begins");
  }

  @Test
  void namesTheErrorThatTheResponderTells() throws Exception {
    byte[] later = new OCSPRespBuilder().build(OCSPResp.TRY_LATER, null).getEncoded();
    assertThat(refusal(later)).contains("tryLater");
  }

  @Test
  void everyTruncationAndAnyOctetsAreRefusedInPeace() throws Exception {
    byte[] der = authority.good(leaf);
    for (int end = 0; end < der.length; end++) {
      assertThat(read(Arrays.copyOf(der, end))).isInstanceOf(Refused.class);
    }
    Random random = new Random(7);
    for (int i = 0; i < 2000; i++) {
      byte[] octets = new byte[random.nextInt(300)];
      random.nextBytes(octets);
      assertThat(read(octets)).isInstanceOf(Refused.class);
    }
  }

  @Test
  void noChangedOctetChangesWhatIsSaid() throws Exception {
    byte[] der =
        authority.sign(
            authority.bundle,
            leaf.getCertificate(),
            new RevokedStatus(Date.from(NOW), 1),
            NOW,
            NOW.plus(LIFE));
    for (int i = 0; i < der.length; i++) {
      byte[] changed = der.clone();
      changed[i] ^= (byte) 0x01;
      assertThat(read(changed)).isNotInstanceOf(Good.class);
    }
  }

  private static byte[] signedBy(X509Bundle signer) throws Exception {
    return authority.sign(
        signer, leaf.getCertificate(), CertificateStatus.GOOD, NOW, NOW.plus(LIFE));
  }

  private static OcspAnswer read(byte[] der) {
    return OcspReader.read(der, authority.subject(leaf), NOW);
  }

  private static String refusal(byte[] der) {
    OcspAnswer answer = read(der);
    assertThat(answer).isInstanceOf(Refused.class);
    return ((Refused) answer).reason();
  }
}
