package dev.postern.core.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.postern.core.sasl.MasterUser;
import dev.postern.core.sasl.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("CCO-4.2b")
class MasterUserSettingsTest {
  @TempDir Path folder;

  @Test
  void readsThePasswordWithoutAFinalLineEnd() throws IOException {
    for (String end : List.of("", "\n", "\r\n")) {
      MasterUser read = written(" s\u00e9cret " + end).read();
      assertThat(read.name()).isEqualTo("proxy");
      assertThat(read.password()).isEqualTo(Secret.copyOf(" s\u00e9cret ".getBytes(UTF_8)));
    }
  }

  @Test
  void refusesAFileWithoutAPassword() throws IOException {
    for (String empty : List.of("", "\n", "\r\n")) {
      MasterUserSettings settings = written(empty);
      assertThatThrownBy(settings::read)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(settings.password() + " is empty: write");
    }
  }

  @Test
  void refusesAFileThatIsNoPasswordAndDoesNotQuoteIt() throws IOException {
    for (String other : List.of("s3cret\nmore", "s3cret\n\n", "s3c\0ret", "s3cret\r")) {
      assertThatThrownBy(written(other)::read)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("more than one line")
          .hasMessageNotContaining("s3c");
    }
  }

  @Test
  void saysWhichFileThereIsNot() {
    Path missing = folder.resolve("missing");
    assertThatThrownBy(() -> new MasterUserSettings("proxy", missing).read())
        .isInstanceOf(IOException.class)
        .hasMessage("there is no password file " + missing);
  }

  private MasterUserSettings written(String content) throws IOException {
    Path file = folder.resolve("password");
    Files.writeString(file, content, UTF_8);
    return new MasterUserSettings("proxy", file);
  }
}
