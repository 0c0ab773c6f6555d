package dev.postern.deploy.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StampsTest {
  @TempDir Path folder;
  private Path file;
  private Stamps before;
  private Changes changes;

  @BeforeEach
  void write() throws Exception {
    file = folder.resolve("file");
    Files.writeString(file, "one");
    before = Stamps.of(List.of(file));
    changes = new Changes(before);
  }

  @Test
  void areTheSameWhileNothingHappens() {
    assertThat(before.again()).isEqualTo(before);
    assertThat(changes.settled()).isFalse();
    assertThat(changes.settled()).isFalse();
  }

  @Test
  void differWhenAFileOfTheSameSizeAndTimeTakesItsPlace() throws Exception {
    Path other = folder.resolve("other");
    Files.writeString(other, "two");
    Files.setLastModifiedTime(other, Files.getLastModifiedTime(file));
    Files.move(other, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    assertThat(before.again()).isNotEqualTo(before);
  }

  @Test
  void differWhenAFileGoesAndAreTheSameWhenItStaysAway() throws Exception {
    Files.delete(file);
    Stamps gone = before.again();
    assertThat(gone).isNotEqualTo(before);
    assertThat(gone.again()).isEqualTo(gone);
  }

  @Test
  void differWhenALinkOfAParentDirectoryIsTurned() throws Exception {
    // as Kubernetes exchanges a mounted secret
    Path mounted = Kubernetes.mount(folder, "one");
    Stamps first = Stamps.of(List.of(mounted.resolve("tls.crt")));
    Kubernetes.exchange(folder, "two");
    assertThat(first.again()).isNotEqualTo(first);
  }

  @Test
  void keepTheOlderOfTwoStamps() throws Exception {
    Files.writeString(file, "longer than before");
    assertThat(before.and(before.again())).isEqualTo(before);
  }

  @Test
  void aChangeSettlesWhenTwoLooksInARowSeeTheSame() throws Exception {
    Files.writeString(file, "three");
    assertThat(changes.settled()).isFalse();
    Files.writeString(file, "three and more");
    assertThat(changes.settled()).isFalse();
    assertThat(changes.settled()).isTrue();
  }

  @Test
  void aChangeIsToldUntilTheFilesAreRead() throws Exception {
    Files.writeString(file, "three");
    assertThat(changes.settled()).isFalse();
    assertThat(changes.settled()).isTrue();
    changes.read(before.again());
    assertThat(changes.settled()).isFalse();
  }
}
