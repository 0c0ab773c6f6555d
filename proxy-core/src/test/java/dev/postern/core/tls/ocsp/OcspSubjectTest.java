package dev.postern.core.tls.ocsp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.KeyMaterial;
import io.netty.pkitesting.X509Bundle;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class OcspSubjectTest {
  private static final URI RESPONDER = URI.create("http://ocsp.example.org:8080/ca");

  @Test
  void findsTheResponderThatTheCertificateNames() throws Exception {
    OcspAuthority authority = new OcspAuthority("authority");
    assertThat(authority.subject(authority.issue(RESPONDER, false)).responder())
        .contains(RESPONDER);
  }

  @Test
  void asksNoResponderByAnythingButHttp() throws Exception {
    OcspAuthority authority = new OcspAuthority("authority");
    for (String address : List.of("https://ocsp.example.org/", "ldap://x/", "file:/x", "http:x")) {
      assertThat(authority.subject(authority.issue(URI.create(address), false)).responder())
          .as(address)
          .isEmpty();
    }
  }

  @Test
  void hasNoSubjectWithoutItsIssuer() throws Exception {
    OcspAuthority authority = new OcspAuthority("authority");
    OcspAuthority stranger = new OcspAuthority("authority");
    X509Bundle leaf = authority.issue(RESPONDER, false);
    assertThat(OcspSubject.of(material(leaf))).isEmpty();
    assertThat(OcspSubject.of(material(leaf, stranger.bundle))).isEmpty();
    assertThat(OcspSubject.of(material(authority.bundle, authority.bundle))).isEmpty();
    assertThat(OcspSubject.of(material(leaf, authority.bundle))).contains(authority.subject(leaf));
  }

  private static KeyMaterial material(X509Bundle... chain) {
    return new KeyMaterial(
        Arrays.stream(chain).map(X509Bundle::getCertificate).toList(),
        chain[0].getKeyPair().getPrivate());
  }

  @Test
  void knowsMustStaple() throws Exception {
    OcspAuthority authority = new OcspAuthority("authority");
    assertThat(OcspSubject.mustStaple(authority.issue(RESPONDER, true).getCertificate())).isTrue();
    assertThat(OcspSubject.mustStaple(authority.issue(RESPONDER, false).getCertificate()))
        .isFalse();
  }
}
