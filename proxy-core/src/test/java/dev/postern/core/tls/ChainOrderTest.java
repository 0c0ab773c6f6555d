package dev.postern.core.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("CCO-4.4")
class ChainOrderTest {
  private Issued issued;
  private PrivateKey key;

  @BeforeEach
  void issue() throws Exception {
    issued = Issued.of(Issued.server());
    key = issued.leaf().getKeyPair().getPrivate();
  }

  private List<X509Certificate> mend(X509Certificate... found) throws CertificateException {
    return ChainOrder.mend(List.of(found), key, "the key");
  }

  @Test
  void everyOrderIsMendedAndTheRootAndDuplicatesGo() throws Exception {
    List<X509Certificate> found =
        new ArrayList<>(
            List.of(
                issued.root().getCertificate(),
                issued.intermediate().getCertificate(),
                issued.leaf().getCertificate(),
                issued.leaf().getCertificate()));
    Random random = new Random(7);
    for (int i = 0; i < 24; i++) {
      Collections.shuffle(found, random);
      assertThat(ChainOrder.mend(found, key, "the key")).isEqualTo(issued.shown());
    }
  }

  @Test
  void aCertificateAloneIsAChain() throws Exception {
    assertThat(mend(issued.leaf().getCertificate()))
        .containsExactly(issued.leaf().getCertificate());
    key = issued.root().getKeyPair().getPrivate();
    assertThat(mend(issued.root().getCertificate()))
        .containsExactly(issued.root().getCertificate());
  }

  @Test
  void anIssuerThatIsMissingBetweenIsSaid() {
    assertThatThrownBy(() -> mend(issued.leaf().getCertificate(), issued.root().getCertificate()))
        .isInstanceOf(CertificateException.class)
        .hasMessageContaining("\"CN=Root\" did not issue \"CN=mail.example.org\"")
        .hasMessageContaining("none left out between");
  }

  @Test
  void anIssuerByNameAloneIsNone() throws Exception {
    Issued other = Issued.of(Issued.server());
    assertThatThrownBy(
            () -> mend(issued.leaf().getCertificate(), other.intermediate().getCertificate()))
        .hasMessageContaining("does not belong to the others");
  }

  @Test
  void aKeyOfNoneOfThemIsRefused() throws Exception {
    key = Issued.of(Issued.server()).leaf().getKeyPair().getPrivate();
    assertThatThrownBy(() -> mend(issued.leaf().getCertificate()))
        .isInstanceOf(CertificateException.class)
        .hasMessage("holds no certificate for the key: name the pair that was issued together");
  }

  @Test
  void ofTwoForTheSameKeyTheOneThatLastsLongerIsShown() throws Exception {
    CertificateBuilder builder = Issued.server().keyPair(issued.leaf().getKeyPair());
    X509Bundle renewed =
        builder
            .notAfter(issued.leaf().getCertificate().getNotAfter().toInstant().plusSeconds(3600))
            .buildIssuedBy(issued.intermediate());
    assertThat(
            mend(
                issued.leaf().getCertificate(),
                issued.intermediate().getCertificate(),
                renewed.getCertificate()))
        .containsExactly(renewed.getCertificate(), issued.intermediate().getCertificate());
  }

  @Test
  void ofACrossSignedIssuerOneIsShown() throws Exception {
    X509Bundle otherRoot =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=Old Root")
            .setIsCertificateAuthority(true)
            .notAfter(Instant.now().plusSeconds(3600))
            .buildSelfSigned();
    X509Bundle crossed =
        new CertificateBuilder()
            .subject("CN=Intermediate")
            .keyPair(issued.intermediate().getKeyPair())
            .setIsCertificateAuthority(true)
            .buildIssuedBy(otherRoot);
    assertThat(
            mend(
                issued.leaf().getCertificate(),
                issued.intermediate().getCertificate(),
                crossed.getCertificate()))
        .isEqualTo(issued.shown());
  }
}
