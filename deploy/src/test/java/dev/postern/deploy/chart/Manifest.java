package dev.postern.deploy.chart;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * One object for the API server.
 *
 * @param json all of it
 */
record Manifest(JsonNode json) {
  static final ObjectMapper MAPPER = JsonMapper.builder().build();

  Manifest {
    Objects.requireNonNull(json);
  }

  static Manifest of(Object document) {
    return new Manifest(MAPPER.valueToTree(document));
  }

  String apiVersion() {
    return json.path("apiVersion").asText();
  }

  String kind() {
    return json.path("kind").asText();
  }

  String name() {
    return json.at("/metadata/name").asText();
  }

  /** Returns what a JSON pointer leads to; missing where it leads to nothing. */
  JsonNode at(String pointer) {
    return json.at(pointer);
  }

  /** Returns the elements of a list; none where there is no such list. */
  List<JsonNode> list(String pointer) {
    return list(json.at(pointer));
  }

  static List<JsonNode> list(JsonNode node) {
    List<JsonNode> elements = new ArrayList<>();
    node.elements().forEachRemaining(elements::add);
    return elements;
  }

  /** Returns a map of strings. */
  static Map<String, String> strings(JsonNode node) {
    Map<String, String> strings = new TreeMap<>();
    node.fieldNames().forEachRemaining(name -> strings.put(name, node.get(name).asText()));
    return strings;
  }

  /** Returns the specifications of the pods that it leads to; none for most kinds. */
  List<JsonNode> pods() {
    return switch (kind()) {
      case "Pod" -> List.of(at("/spec"));
      case "Deployment" -> List.of(at("/spec/template/spec"));
      case "CronJob" -> List.of(at("/spec/jobTemplate/spec/template/spec"));
      default -> List.of();
    };
  }

  @Override
  public String toString() {
    return kind() + " " + name();
  }
}
