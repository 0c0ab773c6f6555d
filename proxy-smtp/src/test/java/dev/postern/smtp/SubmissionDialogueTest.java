package dev.postern.smtp;

import dev.postern.core.testkit.Transcript;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("CCO-3.3")
@Tag("CCO-4.1b")
@Tag("CCO-4.1c")
@Tag("CCO-4.2b")
@Tag("CCO-4.3")
@Tag("CARD-4")
@Tag("DEEP-7.3a")
@Tag("DEEP-7.3b")
@Tag("DEEP-9.2a")
@Tag("CCO-4.1d")
@Tag("CCO-8")
class SubmissionDialogueTest {
  private static final InstantSource CLOCK =
      InstantSource.fixed(Instant.parse("2026-11-22T10:00:00Z"));

  static List<Path> transcripts() {
    return Transcript.in(SubmissionDialogueTest.class, "/dev/postern/smtp");
  }

  @ParameterizedTest
  @MethodSource("transcripts")
  void speaksAsWritten(Path transcript) {
    Transcript.play(new SubmissionProtocol(CLOCK), transcript);
  }
}
