package dev.postern.pop3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.protocol.MailProtocol;
import dev.postern.core.protocol.ProtocolInfo.Service;
import dev.postern.core.tls.TlsMode;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class Pop3ProtocolTest {

  @Test
  @Tag("CCO-3.1")
  @Tag("CCO-4a")
  void isFoundAndServesBothPorts() {
    MailProtocol pop3 =
        ServiceLoader.load(MailProtocol.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(p -> p.info().name().equals("pop3"))
            .findFirst()
            .orElseThrow();
    assertThat(pop3.info().services())
        .containsExactly(
            new Service("pop3s", 995, TlsMode.IMPLICIT),
            new Service("pop3", 110, TlsMode.STARTTLS));
    assertThat(pop3.info().alpn()).containsExactly("pop3");
    assertThat(pop3.info().assumed().learned()).isFalse();
  }
}
