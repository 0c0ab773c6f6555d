package dev.postern.deploy.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.status.Status;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

/** The log as it is shipped, and what it must not show. */
class DiscreetThrowableConverterTest {

  @Test
  void writesOneLineWithFixedKeys() throws Exception {
    assertThat(written(null))
        .matches(
            "time=2026-11-22T10:00:00\\.000Z level=WARN logger=\\S+ thread=\\S+ something failed\n");
  }

  @Test
  void showsWhatWentWrongInside() throws Exception {
    assertThat(
            written(new IllegalStateException("listener is closed", new IOException("disk full"))))
        .contains("java.lang.IllegalStateException: listener is closed\n\tat ")
        .contains("Caused by: java.io.IOException: disk full\n");
  }

  @Test
  void withholdsWhatACodecQuotes() throws Exception {
    String log =
        written(
            new RuntimeException(
                "wrapped: 6c6f67696e",
                new DecoderException(
                    new NotSslRecordException("not an SSL/TLS record: 6c6f67696e"))));
    assertThat(log)
        .doesNotContain("6c6f67696e")
        .contains("Caused by: io.netty.handler.ssl.NotSslRecordException: (message withheld)\n");
  }

  @Test
  void withholdsWhatATlsEngineQuotes() throws Exception {
    assertThat(written(new SSLHandshakeException("bad record: secret")))
        .doesNotContain("secret")
        .contains("javax.net.ssl.SSLHandshakeException: (message withheld)\n\tat ");
  }

  private static String written(Throwable thrown) throws Exception {
    LoggerContext context = new LoggerContext();
    JoranConfigurator configurator = new JoranConfigurator();
    configurator.setContext(context);
    configurator.doConfigure(
        DiscreetThrowableConverterTest.class.getClassLoader().getResource("logback.xml"));
    try {
      assertThat(context.getStatusManager().getCopyOfStatusList())
          .extracting(Status::getLevel)
          .doesNotContain(Status.WARN, Status.ERROR);
      Logger logger = context.getLogger("dev.postern.deploy.Main");
      ConsoleAppender<ILoggingEvent> appender =
          (ConsoleAppender<ILoggingEvent>)
              context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).getAppender("stderr");
      assertThat(appender.getTarget()).isEqualTo("System.err");
      Encoder<ILoggingEvent> encoder = appender.getEncoder();
      LoggingEvent event =
          new LoggingEvent("", logger, Level.WARN, "something failed", thrown, null);
      event.setInstant(Instant.parse("2026-11-22T10:00:00Z"));
      return new String(encoder.encode(event), StandardCharsets.UTF_8);
    } finally {
      context.stop();
    }
  }
}
