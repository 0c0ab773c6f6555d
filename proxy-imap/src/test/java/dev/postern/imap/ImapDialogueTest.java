package dev.postern.imap;

import dev.postern.core.testkit.Transcript;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("CCO-3.2")
@Tag("CCO-4.1a")
@Tag("CCO-4.1b")
@Tag("CCO-4.1d")
@Tag("CCO-4.2b")
@Tag("DEEP-7.1a")
@Tag("DEEP-7.1b")
@Tag("DEEP-7.1c")
@Tag("DEEP-9.1c")
@Tag("DEEP-9.2a")
@Tag("CCO-4.1c")
@Tag("CCO-8")
class ImapDialogueTest {

  static List<Path> dialogues() {
    return Transcript.in(ImapDialogueTest.class, "dialogues");
  }

  @ParameterizedTest
  @MethodSource("dialogues")
  void speaksAsWritten(Path dialogue) {
    Transcript.play(new ImapProtocol(), dialogue);
  }
}
