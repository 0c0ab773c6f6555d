package dev.postern.deploy.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.mail.Folder;
import jakarta.mail.MessagingException;
import jakarta.mail.Store;
import jakarta.mail.Transport;
import java.io.EOFException;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.eclipse.angus.mail.imap.IMAPFolder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** {@code docker stop} and a rolling upgrade: SIGTERM to the container's first process. */
@WithContainers
class DrainIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final MailSystem system;

  DrainIT(MailSystem system) {
    this.system = system;
  }

  @Test
  @Tag("CARD-6")
  void letsAMessageBeSentToItsEndAndTellsWhoWaitsForMail() throws Exception {
    Letter letter = Letter.from(system.alice(), system.bob());
    try (PosternContainer postern = system.anotherPostern()) {
      MailProgram program = MailProgram.of(postern);
      Transport transport = program.send("submissions", system.alice());
      Store store = program.read("imaps", system.bob());
      IMAPFolder inbox = (IMAPFolder) store.getFolder("INBOX");
      inbox.open(Folder.READ_ONLY);
      CompletableFuture<Throwable> waiting = idle(inbox);
      awaitLog(postern, "\"event\":\"login-ended\"", 2);

      letter.send(
          transport,
          () -> {
            postern.signal("TERM");
            awaitLog(postern, "draining=true", 1);
            assertThat(waiting.get(SOON.toSeconds(), TimeUnit.SECONDS))
                .hasMessageContaining("shutting down");
            assertThatThrownBy(() -> program.read("imaps", system.bob()))
                .rootCause()
                .isInstanceOfAny(SocketException.class, EOFException.class);
          });

      assertThat(postern.exitCode()).isZero();
      assertThat(postern.log())
          .contains("\"event\":\"submitted\"")
          .doesNotContain("\tat ", "LEAK", "ERROR");
    }
    Letter.Arrived arrived = letter.awaitArrival(MailProgram.of(system.postern()));
    assertThat(Letter.isWhole(arrived.content())).isTrue();
  }

  @Test
  @Tag("CARD-6")
  void cutsOffWhoIsNotDoneByTheDeadline() throws Exception {
    Letter cutOff = Letter.from(system.alice(), system.bob());
    try (PosternContainer postern = system.anotherPostern("limits: { drain-deadline: 1s }\n")) {
      Transport transport = MailProgram.of(postern).send("submissions", system.alice());
      assertThatThrownBy(
              () ->
                  cutOff.send(
                      transport,
                      () -> {
                        postern.signal("TERM");
                        assertThat(postern.exitCode()).isZero();
                      }))
          .isInstanceOf(MessagingException.class);
      assertThat(postern.log())
          .contains("\"event\":\"session-ended\"", "\"reason\":\"shutdown\"")
          .doesNotContain("\"accepted\":true");
    }
    MailProgram program = MailProgram.of(system.postern());
    Letter later = Letter.from(system.alice(), system.bob());
    try (Transport transport = program.send("submissions", system.alice())) {
      later.send(transport);
    }
    later.awaitArrival(program);
    assertThat(cutOff.arrived(program, "imaps")).as("half a message").isEmpty();
  }

  /** Waits for mail until the server ends it; the result is how it ended. */
  private static CompletableFuture<Throwable> idle(IMAPFolder inbox) {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  inbox.idle();
                }
              } catch (Exception e) {
                end.complete(e);
              }
            });
    return end;
  }

  private static void awaitLog(PosternContainer postern, String text, int times) {
    Awaitility.await(text)
        .atMost(SOON)
        .until(() -> postern.log().split(Pattern.quote(text), -1).length > times);
  }
}
