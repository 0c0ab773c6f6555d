package dev.postern.core.event;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.postern.core.testkit.EventSamples;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

class LogSinkTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(LogSink.LOGGER);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final LogSink sink = new LogSink();

  @BeforeEach
  void listen() {
    lines.start();
    logger.setAdditive(false);
    logger.setLevel(Level.DEBUG);
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
    logger.setLevel(null);
    logger.setAdditive(true);
  }

  @Test
  void writesKeysAndValues() {
    accept(new SessionEvent.LoginEnded("one@example.org", "PLAIN", LoginOutcome.REFUSED));
    assertThat(lines.list)
        .singleElement()
        .extracting(ILoggingEvent::getFormattedMessage)
        .isEqualTo(
            "event=login-ended session=01JD0000000000000000000000 service=imaps listener=public"
                + " client=192.0.2.7 client_port=40001 local=192.0.2.1 local_port=993"
                + " tls_mode=implicit user=one@example.org mechanism=PLAIN outcome=refused");
  }

  @Test
  void quotesWhatCouldBeTakenForAnotherKey() {
    accept(new SessionEvent.LoginEnded("one outcome=success", "X\"Y", LoginOutcome.REFUSED));
    assertThat(lines.list.get(0).getFormattedMessage())
        .endsWith("user=\"one outcome=success\" mechanism=\"X\\\"Y\" outcome=refused");
  }

  @Test
  void writesWhatAClientSaysOfItselfAsOneValue() {
    accept(new SessionEvent.ClientIdentified(Map.of("name", "Mail", "version", "1 user=x")));
    assertThat(lines.list.get(0).getFormattedMessage())
        .endsWith("client_id=\"name: Mail; version: 1 user=x\"");
  }

  @ParameterizedTest
  @MethodSource("dev.postern.core.event.AuditLineTest#hostileTexts")
  void everyEventIsOneLineWhateverItHolds(String text) {
    EventSamples.all(text).forEach(this::accept);
    assertThat(lines.list)
        .hasSize(EventSamples.all(text).size())
        .extracting(ILoggingEvent::getFormattedMessage)
        .allSatisfy(m -> assertThat(m.chars()).noneMatch(Character::isISOControl))
        .allSatisfy(m -> assertThat(m).doesNotContain("\u2028", "\u2029", "\u202e"));
  }

  @Test
  void clientsCannotRaiseWarnings() {
    accept(new SessionEvent.Violated(dev.postern.core.wire.WireViolation.NUL));
    accept(new SessionEvent.TlsFailed(TlsFailure.NOT_TLS, Optional.empty()));
    accept(new SessionEvent.LimitReached(Limit.BAD_COMMANDS));
    assertThat(lines.list).extracting(ILoggingEvent::getLevel).containsOnly(Level.INFO);
  }

  @Test
  void writesNothingThatTheLevelLeavesOut() {
    logger.setLevel(Level.INFO);
    accept(new SessionEvent.Started());
    assertThat(lines.list).isEmpty();
  }

  private void accept(SessionEvent event) {
    sink.accept(EventSamples.context(Optional.empty()), event);
  }
}
