package dev.postern.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.event.TlsFailure;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.junit.jupiter.api.Test;

class HandshakeFailuresTest {
  @Test
  void aClientCertificateThatIsRefusedIsToldByItsKind() {
    SSLException engine = new SSLHandshakeException("General OpenSslEngine problem");
    engine.initCause(new CertificateException("expired"));
    assertThat(HandshakeFailures.classify(engine)).isEqualTo(TlsFailure.BAD_CLIENT_CERTIFICATE);
  }

  @Test
  void aResumedSessionWhoseClientCertificateIsNoLongerGoodIsToldLikeIt() {
    SSLException unverified = new SSLPeerUnverifiedException("no longer good");
    unverified.initCause(new CertificateException("expired"));
    assertThat(HandshakeFailures.classify(unverified)).isEqualTo(TlsFailure.BAD_CLIENT_CERTIFICATE);
  }

  @Test
  void aMissingClientCertificateIsToldInTheWordsOfBothEngines() {
    for (String message :
        new String[] {
          "error:100000c0:SSL routines:OPENSSL_internal:PEER_DID_NOT_RETURN_A_CERTIFICATE",
          "Empty client certificate chain"
        }) {
      assertThat(HandshakeFailures.classify(new SSLHandshakeException(message)))
          .isEqualTo(TlsFailure.BAD_CLIENT_CERTIFICATE);
    }
  }
}
