package dev.postern.deploy.directory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.postern.core.config.Problem;
import dev.postern.core.policy.UserFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("CCO-4.1a")
class FileUserDirectoryTest {

  @TempDir private Path directory;

  @Test
  void knowsUsersAndTheirGroups() throws IOException {
    FileUserDirectory users =
        loaded(
            """
            # user: groups

            alice@example.org: staff cohort-1
              bob@example.org:\tcohort-2  staff
            carol@example.org:
            urn:dave: staff
            """);
    assertThat(facts(users, "alice@example.org"))
        .isEqualTo(new UserFacts(true, Set.of("staff", "cohort-1")));
    assertThat(facts(users, "bob@example.org").groups()).containsOnly("cohort-2", "staff");
    assertThat(facts(users, "carol@example.org")).isEqualTo(new UserFacts(true, Set.of()));
    assertThat(facts(users, "urn:dave").groups()).containsOnly("staff");
    assertThat(users.size()).isEqualTo(4);
  }

  @Test
  void takesCapitalsInNamesForNoDifference() throws IOException {
    FileUserDirectory users = loaded("Alice@Example.org: Staff\n");
    assertThat(facts(users, "aLICE@example.ORG").groups()).containsOnly("Staff");
  }

  @Test
  void knowsNothingOfOthers() throws IOException {
    assertThat(facts(loaded("alice: staff\n"), "mallory")).isEqualTo(UserFacts.NONE);
    assertThat(facts(loaded(""), "")).isEqualTo(UserFacts.NONE);
  }

  @Test
  void keepsWhatItHasReadWhenTheFileChanges() throws IOException {
    FileUserDirectory users = loaded("alice: staff\n");
    Files.writeString(directory.resolve("users"), "alice: others\n");
    assertThat(facts(users, "alice").groups()).containsOnly("staff");
  }

  @Test
  void reportsEveryLineThatMakesNoSense() throws IOException {
    assertThat(problems("alice staff\nbob: staff\n: staff\nBOB: others\n"))
        .extracting(problem -> problem.text("users"))
        .containsExactly(
            "users:1: no user and groups (alice@example.org: group group, for instance)",
            "users:3: no user and groups (alice@example.org: group group, for instance)",
            "users:4: bob is there twice (merge it with line 2)");
  }

  @Test
  void reportsAFileThatCannotBeRead() throws IOException {
    assertThat(refused(FileUserDirectory.load(directory.resolve("missing")))).hasSize(1);
    assertThat(refused(FileUserDirectory.load(directory))).hasSize(1);
    Path latin1 = Files.write(directory.resolve("latin1"), new byte[] {(byte) 0xe4, ':', ' ', 'a'});
    assertThat(refused(FileUserDirectory.load(latin1)))
        .extracting(Problem::message)
        .containsExactly("the file is not UTF-8 text");
  }

  private FileUserDirectory loaded(String text) throws IOException {
    FileUserDirectory.Loaded loaded = load(text);
    assertThat(loaded).isInstanceOf(FileUserDirectory.Loaded.Directory.class);
    return ((FileUserDirectory.Loaded.Directory) loaded).directory();
  }

  private List<Problem> problems(String text) throws IOException {
    return refused(load(text));
  }

  private FileUserDirectory.Loaded load(String text) throws IOException {
    return FileUserDirectory.load(Files.writeString(directory.resolve("users"), text));
  }

  private static List<Problem> refused(FileUserDirectory.Loaded loaded) {
    assertThat(loaded).isInstanceOf(FileUserDirectory.Loaded.Refused.class);
    return ((FileUserDirectory.Loaded.Refused) loaded).problems();
  }

  private static UserFacts facts(FileUserDirectory users, String user) {
    return users.lookup(user).toCompletableFuture().join();
  }
}
