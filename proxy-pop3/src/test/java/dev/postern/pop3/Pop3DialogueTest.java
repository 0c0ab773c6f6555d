package dev.postern.pop3;

import dev.postern.core.testkit.Transcript;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class Pop3DialogueTest {

  @TestFactory
  Stream<DynamicTest> transcripts() {
    return Transcript.in(Pop3DialogueTest.class, "/dev/postern/pop3").stream()
        .map(
            file ->
                DynamicTest.dynamicTest(
                    file.getFileName().toString(),
                    () -> Transcript.play(new Pop3Protocol(), file)));
  }
}
