package dev.postern.smtp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.protocol.MailProtocol;
import dev.postern.core.tls.TlsMode;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class SubmissionProtocolTest {

  @Test
  @Tag("CCO-3.3")
  void isFoundWithBothServices() {
    MailProtocol found = ServiceLoader.load(MailProtocol.class).findFirst().orElseThrow();
    assertThat(found).isInstanceOf(SubmissionProtocol.class);
    assertThat(found.info().services())
        .extracting(s -> s.name() + " " + s.port() + " " + s.mode())
        .containsExactly(
            "submissions 465 " + TlsMode.IMPLICIT, "submission 587 " + TlsMode.STARTTLS);
    assertThat(found.info().assumed().learned()).isFalse();
  }
}
