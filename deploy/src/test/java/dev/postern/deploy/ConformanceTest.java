package dev.postern.deploy;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What {@code docs/conformance.md} says of the code and the tests is so. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConformanceTest {
  private static final Path PROJECT = Path.of("..");
  private static final Path DOCUMENT = PROJECT.resolve("docs/conformance.md");
  private static final String PACKAGE = "dev/postern/";

  /** Every row there is: one that is missing from the document is missed. */
  private static final List<String> IDS =
      List.of(
          """
          CCO-3.1 CCO-3.2 CCO-3.3 CCO-3.4 CCO-4a CCO-4.1a CCO-4.1b CCO-4.1c CCO-4.1d CCO-4.1e CCO-4.2a
          CCO-4.2b CCO-4.3 CCO-4.4 CCO-4.5 CCO-4.6 CCO-5 CCO-6 CCO-8 DEEP-9.1a DEEP-9.1b DEEP-9.1c
          DEEP-9.2a DEEP-9.2b DEEP-10.5 DEEP-5.1 DEEP-5.2 DEEP-5.3 DEEP-7.1a DEEP-7.1b DEEP-7.1c DEEP-7.2
          DEEP-7.3a DEEP-7.3b DEEP-7.4 DEEP-8 CARD-1 CARD-2 CARD-3 CARD-4 CARD-5 CARD-6 CARD-7
          """
              .strip()
              .split("\\s+"));

  /** Where tests drive the proxy over sockets, as a whole. */
  private static final List<String> ON_THE_WIRE =
      List.of(
          "deploy.gate.", "deploy.container.", "deploy.demo.", "deploy.DemoTest", "core.server.");

  private static final Pattern ROW = Pattern.compile("(?m)^\\| ((?:CCO|DEEP|CARD)-\\S*) \\|.*$");
  private static final Pattern WORD = Pattern.compile("`([^`]+)`");
  private static final Pattern TAG = Pattern.compile("@Tag\\(\"((?:CCO|DEEP|CARD)-[^\"]*)\"\\)");
  private static final Pattern CLASS =
      Pattern.compile("^ *(?:(?:abstract|final|public|static) )*class (\\w+)\\b.*");
  private static final Pattern METHOD =
      Pattern.compile("^ +(?:static )?(?:void|[\\w.]+<[^(]+>) (\\w+)\\(.*");

  private enum State {
    DONE,
    PARTLY,
    PLANNED,
    NOT_APPLICABLE;

    String words() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
  }

  private record Row(
      String id, String state, List<String> classes, List<String> tests, String rest) {
    boolean is(State expected) {
      return state.equals(expected.words());
    }
  }

  private String document;
  private List<Row> rows;

  /** Tags by test: a class for those of the whole class, {@code class#method} for others. */
  private Map<String, Set<String>> tags;

  /** Files below {@link #PACKAGE}, in sources and resources of all modules. */
  private Set<String> files;

  private Set<String> methods;

  @BeforeAll
  void read() throws IOException {
    document = Files.readString(DOCUMENT);
    rows =
        ROW.matcher(document)
            .results()
            .map(MatchResult::group)
            .map(line -> line.split("\\|", -1))
            .map(c -> new Row(c[1].strip(), c[3].strip(), words(c[4]), words(c[5]), c[6].strip()))
            .toList();
    files = new TreeSet<>();
    tags = new TreeMap<>();
    methods = new HashSet<>();
    try (DirectoryStream<Path> modules = Files.newDirectoryStream(PROJECT, "{deploy,proxy-*}")) {
      for (Path module : modules) {
        add(module.resolve("src/main/java"));
        add(module.resolve("src/test/resources"));
        for (Path test : add(module.resolve("src/test/java"))) {
          readTest(test);
        }
      }
    }
  }

  /** Takes notice of all files below a folder, and returns those that are of Java. */
  private List<Path> add(Path folder) throws IOException {
    Path top = folder.resolve(PACKAGE);
    if (!Files.isDirectory(top)) {
      return List.of();
    }
    try (Stream<Path> all = Files.walk(top)) {
      List<Path> found = all.filter(Files::isRegularFile).toList();
      found.forEach(file -> files.add(top.relativize(file).toString()));
      return found.stream().filter(file -> file.toString().endsWith(".java")).toList();
    }
  }

  /** Tags stand in front of the class or method that they are of. */
  private void readTest(Path file) throws IOException {
    String path = file.toString();
    String name =
        path.substring(path.indexOf(PACKAGE) + PACKAGE.length(), path.length() - ".java".length())
            .replace('/', '.');
    Set<String> pending = new TreeSet<>();
    for (String line : Files.readAllLines(file)) {
      Matcher tag = TAG.matcher(line);
      Matcher method = METHOD.matcher(line);
      if (tag.find()) {
        pending.add(tag.group(1));
      } else if (CLASS.matcher(line).matches()) {
        tags.computeIfAbsent(name, n -> new TreeSet<>()).addAll(pending);
        pending.clear();
      } else if (method.matches()) {
        methods.add(name + "#" + method.group(1));
        tags.computeIfAbsent(name + "#" + method.group(1), n -> new TreeSet<>()).addAll(pending);
        pending.clear();
      }
    }
    assertThat(pending).as("tags of nothing in %s", file).isEmpty();
  }

  private static List<String> words(String cell) {
    return WORD.matcher(cell).results().map(word -> word.group(1)).toList();
  }

  /** Says whether a test has a tag: a method its own or its class's, a class any of its own. */
  private boolean carries(String test, String tag) {
    String type = test.replaceFirst("#.*", "");
    return tags.getOrDefault(test, Set.of()).contains(tag)
        || tags.getOrDefault(type, Set.of()).contains(tag)
        || (type.equals(test)
            && tags.entrySet().stream()
                .anyMatch(t -> t.getKey().startsWith(test + "#") && t.getValue().contains(tag)));
  }

  @Test
  void everyRowIsThereOnceAndInOrder() {
    assertThat(rows).extracting(Row::id).containsExactlyElementsOf(IDS);
  }

  @Test
  void theSummaryCountsTheRows() {
    assertThat(ids(row -> Stream.of(State.values()).noneMatch(row::is))).as("state").isEmpty();
    Map<State, Long> count = new EnumMap<>(State.class);
    for (State state : State.values()) {
      count.put(state, rows.stream().filter(row -> row.is(state)).count());
    }
    assertThat(document)
        .contains(
            rows.size()
                + " rows: "
                + count.entrySet().stream()
                    .map(c -> c.getValue() + " " + c.getKey().words())
                    .collect(joining(", "))
                + ".");
  }

  @Test
  void everyTagOfATestIsARow() {
    Set<String> strangers = new TreeSet<>();
    tags.forEach(
        (test, of) ->
            of.stream()
                .filter(tag -> !IDS.contains(tag))
                .forEach(tag -> strangers.add(test + " " + tag)));
    assertThat(strangers).isEmpty();
  }

  @Test
  void whatIsDoneIsProvedOnTheWire() {
    assertThat(rows).anyMatch(row -> row.is(State.DONE));
    assertThat(ids(row -> row.is(State.DONE) && !isProvedOnTheWire(row))).isEmpty();
  }

  private boolean isProvedOnTheWire(Row row) {
    return row.tests().stream()
        .filter(test -> ON_THE_WIRE.stream().anyMatch(test::startsWith))
        .anyMatch(test -> carries(test, row.id()));
  }

  @Test
  void whatIsNotDoneSaysWhatIsMissing() {
    assertThat(ids(row -> !row.is(State.DONE) && row.rest().isEmpty())).isEmpty();
  }

  @Test
  void whatIsPlannedHasNoTest() {
    Set<String> used =
        tags.values().stream().flatMap(Set::stream).collect(toCollection(TreeSet::new));
    assertThat(ids(row -> row.is(State.PLANNED) && used.contains(row.id()))).isEmpty();
  }

  @Test
  void everyTestThatIsNamedCarriesTheTagOfTheRow() {
    assertThat(
            rows.stream()
                .flatMap(
                    row ->
                        row.tests().stream()
                            .filter(test -> !carries(test, row.id()))
                            .map(test -> row.id() + " " + test)))
        .isEmpty();
  }

  private List<String> ids(Predicate<Row> which) {
    return rows.stream().filter(which).map(Row::id).toList();
  }

  @Test
  void everythingThatIsNamedExists() {
    List<String> missing = new ArrayList<>();
    for (Row row : rows) {
      for (String name : row.classes()) {
        if (!isClass(name)) {
          missing.add(row.id() + " " + name);
        }
      }
      for (String test : row.tests()) {
        if (!isClass(test.replaceFirst("#.*", ""))
            || (test.contains("#") && !methods.contains(test))) {
          missing.add(row.id() + " " + test);
        }
      }
      for (String word : words(row.rest())) {
        if (word.endsWith(".dialogue") && !files.contains(word)) {
          missing.add(row.id() + " " + word);
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  private boolean isClass(String name) {
    return files.contains(name.replace('.', '/') + ".java");
  }
}
