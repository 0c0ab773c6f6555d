package dev.postern.core.tls;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.tls.TicketKeyFiles.Remark;
import dev.postern.core.tls.TicketKeyFiles.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TicketKeyFilesTest {
  @TempDir Path folder;

  @Test
  void theFirstFileIsTheKeyThatEncrypts() throws IOException {
    byte[] first = octets(48, 1);
    Result result = TicketKeyFiles.read(List.of(file("a", first), file("b", octets(48, 2))));
    assertThat(result).isInstanceOf(Result.Read.class);
    Result.Read read = (Result.Read) result;
    assertThat(read.keys().newestFirst()).hasSize(2);
    assertThat(read.keys().newestFirst().get(0).name()).isEqualTo(slice(first, 0));
    assertThat(read.keys().newestFirst().get(0).hmac()).isEqualTo(slice(first, 16));
    assertThat(read.keys().newestFirst().get(0).aes()).isEqualTo(slice(first, 32));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16, 47, 49, 65, 5000})
  void refusesWhatIsNotOfTheSize(int size) throws IOException {
    assertThat(refusals(file("a", octets(size, 1))))
        .singleElement()
        .satisfies(
            remark -> {
              assertThat(remark.message()).contains("a ticket key has 48");
              assertThat(remark.suggestion()).contains("openssl rand 48");
            });
  }

  @Test
  void saysWhyTheLongerKeysOfOtherServersAreNotTaken() throws IOException {
    assertThat(refusals(file("a", octets(80, 1))))
        .singleElement()
        .satisfies(remark -> assertThat(remark.message()).contains("AES-256"));
  }

  @Test
  void refusesTheSameKeyTwice() throws IOException {
    assertThat(
            refusals(file("a", octets(48, 1)), file("b", octets(48, 2)), file("c", octets(48, 1))))
        .singleElement()
        .satisfies(
            remark -> {
              assertThat(remark.index()).isEqualTo(2);
              assertThat(remark.message()).contains("the same key");
            });
  }

  @Test
  void tellsEveryFileThatIsWrong() throws IOException {
    assertThat(refusals(folder.resolve("none"), file("b", octets(48, 2)), folder))
        .extracting(Remark::index)
        .containsExactly(0, 2);
    assertThat(refusals(folder.resolve("none")).get(0).message()).contains("no such file");
  }

  @Test
  void neverShowsAKey() throws IOException {
    byte[] legible = "0123456789abcdefSECRETSECRETSECRSECRETSECRETSECR".getBytes(US_ASCII);
    Path good = file("a", legible);
    assertThat(TicketKeyFiles.read(List.of(good)).toString()).doesNotContain("SECRET");
    assertThat(TicketKeyFiles.read(List.of(good, good)).toString()).doesNotContain("SECRET");
  }

  private static List<Remark> refusals(Path... files) {
    Result result = TicketKeyFiles.read(List.of(files));
    assertThat(result).isInstanceOf(Result.Refused.class);
    return ((Result.Refused) result).problems();
  }

  private Path file(String name, byte[] octets) throws IOException {
    return Files.write(folder.resolve(name), octets);
  }

  private static byte[] octets(int size, int seed) {
    byte[] octets = new byte[size];
    new Random(seed).nextBytes(octets);
    return octets;
  }

  private static byte[] slice(byte[] octets, int from) {
    return Arrays.copyOfRange(octets, from, from + 16);
  }
}
