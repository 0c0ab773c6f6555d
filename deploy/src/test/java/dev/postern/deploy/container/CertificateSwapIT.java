package dev.postern.deploy.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.mail.Folder;
import jakarta.mail.MessagingException;
import jakarta.mail.Store;
import jakarta.mail.Transport;
import java.security.cert.CertPathBuilderException;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A certificate that is renewed while people read and send. */
@WithContainers
class CertificateSwapIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final MailSystem system;

  CertificateSwapIT(MailSystem system) {
    this.system = system;
  }

  @Test
  @Tag("CARD-6")
  @Tag("CCO-4.4")
  void showsTheMountedCertificateOnceItIsExchangedAndLosesNoSession() throws Exception {
    Letter letter = Letter.from(system.alice(), system.bob());
    try (PosternContainer postern = system.anotherPostern()) {
      MailProgram before = MailProgram.of(postern);
      try (Store store = before.read("imaps", system.bob());
          Folder inbox = store.getFolder("INBOX");
          Transport transport = before.send("submission", system.alice())) {
        inbox.open(Folder.READ_ONLY);
        letter.send(
            transport,
            () -> {
              postern.renewCertificate();
              MailProgram after = MailProgram.of(postern);
              Awaitility.await("the new certificate")
                  .atMost(SOON)
                  .pollInterval(Duration.ofMillis(500))
                  .ignoreException(MessagingException.class)
                  .until(() -> canRead(after));
              assertThatThrownBy(() -> before.read("imaps", system.bob()))
                  .hasRootCauseInstanceOf(CertPathBuilderException.class);
            });
        // The sessions from before: the transport has sent its message, the folder is told of it.
        Awaitility.await("word of the message in the old session")
            .atMost(SOON)
            .until(() -> inbox.getMessageCount() > 0 && letter.in(inbox).isPresent());
        assertThat(transport.isConnected()).isTrue();
      }
    }
    assertThat(Letter.isWhole(letter.awaitArrival(MailProgram.of(system.postern())).content()))
        .isTrue();
  }

  private boolean canRead(MailProgram program) throws MessagingException {
    try (Store store = program.read("imaps", system.bob())) {
      return store.isConnected();
    }
  }
}
