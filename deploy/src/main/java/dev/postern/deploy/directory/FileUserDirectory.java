package dev.postern.deploy.directory;

import dev.postern.core.config.Problem;
import dev.postern.core.policy.UserDirectory;
import dev.postern.core.policy.UserFacts;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Users and their groups from a text file, {@code user: group group} a line. Read as a whole when
 * it is made and never again: a reload makes a new one, so that a session sees one state of the
 * file from its first question to its last.
 */
public final class FileUserDirectory implements UserDirectory {

  private final Map<String, CompletionStage<UserFacts>> answers;

  private FileUserDirectory(Map<String, CompletionStage<UserFacts>> answers) {
    this.answers = Map.copyOf(answers);
  }

  /** What came of reading the file. */
  public sealed interface Loaded {

    /**
     * The file could be read.
     *
     * @param directory what stands in it
     */
    record Directory(FileUserDirectory directory) implements Loaded {}

    /**
     * The file could not be read, or not all of it makes sense.
     *
     * @param problems everything that is wrong, with lines of this file
     */
    record Refused(List<Problem> problems) implements Loaded {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }

  /** Reads a file. Blocks: not for an event loop. */
  public static Loaded load(Path file) {
    try {
      return parse(Files.readAllLines(file));
    } catch (MalformedInputException e) {
      return refused("the file is not UTF-8 text", "save it as UTF-8");
    } catch (IOException e) {
      return refused(
          "the file cannot be read: " + e.getClass().getSimpleName(),
          "check that it is there, and who may read it");
    }
  }

  static Loaded parse(List<String> lines) {
    Map<String, Integer> firstLines = new HashMap<>();
    Map<String, CompletionStage<UserFacts>> answers = new HashMap<>();
    List<Problem> problems = new ArrayList<>();
    for (int number = 1; number <= lines.size(); number++) {
      String line = lines.get(number - 1).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      // The last colon: it may stand in a user's name, and never in a group's.
      int colon = line.lastIndexOf(':');
      String user = folded(line.substring(0, Math.max(colon, 0)).strip());
      if (user.isEmpty()) {
        problems.add(
            problem(number, "no user and groups", "alice@example.org: group group, for instance"));
        continue;
      }
      Integer first = firstLines.putIfAbsent(user, number);
      if (first != null) {
        problems.add(problem(number, user + " is there twice", "merge it with line " + first));
      }
      answers.put(
          user,
          CompletableFuture.completedStage(new UserFacts(true, groups(line.substring(colon + 1)))));
    }
    return problems.isEmpty()
        ? new Loaded.Directory(new FileUserDirectory(answers))
        : new Loaded.Refused(problems);
  }

  /** Looks a user up, without regard to capitals. The answer is there at once. */
  @Override
  public CompletionStage<UserFacts> lookup(String user) {
    CompletionStage<UserFacts> answer = answers.get(folded(user));
    return answer != null ? answer : CompletableFuture.completedStage(UserFacts.NONE);
  }

  /** Returns how many users there are. */
  public int size() {
    return answers.size();
  }

  private static Set<String> groups(String words) {
    List<String> groups = new ArrayList<>();
    StringTokenizer tokens = new StringTokenizer(words);
    while (tokens.hasMoreTokens()) {
      groups.add(tokens.nextToken());
    }
    return Set.copyOf(groups);
  }

  private static String folded(String user) {
    return user.toLowerCase(Locale.ROOT);
  }

  private static Loaded refused(String message, String suggestion) {
    return new Loaded.Refused(List.of(problem(0, message, suggestion)));
  }

  private static Problem problem(int line, String message, String suggestion) {
    return new Problem("", line, message, Optional.of(suggestion));
  }
}
