package dev.postern.core.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** From YAML to {@link Tree}. Nothing is interpreted here. */
final class TreeReader {

  private static final LoadSettings SETTINGS =
      LoadSettings.builder().setAllowNonScalarKeys(true).setAllowRecursiveKeys(true).build();

  // Aliases of aliases multiply: a file of a few lines could stand for more than fits into memory.
  private static final int MOST_VALUES = 100_000;

  private final Problems problems;
  private int values;

  TreeReader(Problems problems) {
    this.problems = problems;
  }

  /**
   * Returns the file's one mapping, an empty one when the file is empty or cannot be read at all.
   */
  Tree.Mapping read(String yaml) {
    Tree.Mapping empty = new Tree.Mapping("", 0, Map.of());
    Optional<Node> root;
    try {
      root = new Compose(SETTINGS).composeString(yaml);
    } catch (MarkedYamlEngineException e) {
      problems.error(
          new Tree.Nothing("", e.getProblemMark().map(m -> m.getLine() + 1).orElse(0)),
          "not YAML: " + e.getProblem(),
          "indent with spaces, and put values that begin with : [ { * & ! % @ or ` in quotes");
      return empty;
    } catch (YamlEngineException e) {
      problems.error(empty, "not YAML: " + firstLine(e), Optional.empty());
      return empty;
    }
    Tree tree = root.map(node -> tree(node, "", line(node.getStartMark()))).orElse(empty);
    return switch (tree) {
      case Tree.Mapping mapping -> mapping;
      case Tree.Nothing nothing -> empty;
      case Tree.Scalar other -> notAMapping(other, empty);
      case Tree.Sequence other -> notAMapping(other, empty);
    };
  }

  private Tree.Mapping notAMapping(Tree tree, Tree.Mapping empty) {
    problems.error(
        tree, "expected keys and values, found " + tree.kind(), "hostname: mail.example.org");
    return empty;
  }

  private Tree tree(Node node, String path, int line) {
    if (++values > MOST_VALUES) {
      if (values == MOST_VALUES + 1) {
        problems.error(
            new Tree.Nothing(path, line),
            "too many values: aliases of aliases multiply",
            "write out what is meant");
      }
      return new Tree.Nothing(path, line);
    }
    if (node.isRecursive()) {
      problems.error(
          new Tree.Nothing(path, line), "an alias within itself", "write out what is meant");
      return new Tree.Nothing(path, line);
    }
    return switch (node) {
      case ScalarNode scalar -> scalar(scalar, path, line);
      case SequenceNode sequence -> {
        List<Tree> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
          items.add(tree(item, path + "[" + items.size() + "]", line(item.getStartMark())));
        }
        yield new Tree.Sequence(path, line, items);
      }
      case MappingNode mapping -> mapping(mapping, path, line);
      default -> throw new IllegalStateException("unresolved " + node.getNodeType());
    };
  }

  private Tree mapping(MappingNode mapping, String path, int line) {
    Map<String, Tree> entries = new LinkedHashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      int keyLine = line(tuple.getKeyNode().getStartMark());
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        problems.error(new Tree.Nothing(path, keyLine), "a key must be a word", Optional.empty());
        continue;
      }
      String keyPath = path.isEmpty() ? key.getValue() : path + "." + key.getValue();
      Tree value = tree(tuple.getValueNode(), keyPath, keyLine);
      Tree first = entries.putIfAbsent(key.getValue(), value);
      if (first != null) {
        problems.error(
            value,
            "the key is there twice",
            "it is first set in line " + first.line() + "; merge the two");
      }
    }
    return new Tree.Mapping(path, line, entries);
  }

  private static Tree scalar(ScalarNode scalar, String path, int line) {
    String text = scalar.getValue();
    boolean nothing =
        scalar.isPlain() && (text.isEmpty() || text.equals("~") || text.equals("null"));
    return nothing ? new Tree.Nothing(path, line) : new Tree.Scalar(path, line, text.strip());
  }

  private static int line(Optional<Mark> mark) {
    return mark.map(m -> m.getLine() + 1).orElse(0);
  }

  private static String firstLine(YamlEngineException e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
