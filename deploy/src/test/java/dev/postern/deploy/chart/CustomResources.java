package dev.postern.deploy.chart;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the chart may write into the resources of cert-manager (cert-manager.io/v1) and of the
 * Prometheus Operator (monitoring.coreos.com/v1): the keys of their reference documentation that it
 * uses, each with the kind of its value. Everything else is refused.
 */
final class CustomResources {
  private static final String CERTIFICATES = "cert-manager.io/v1/";
  private static final String MONITORING = "monitoring.coreos.com/v1/";

  // A list's elements stand under [], keys of a map that may be any under *.
  private static final Map<String, Map<String, String>> KNOWN =
      Map.of(
          CERTIFICATES + "Certificate",
          Map.ofEntries(
              Map.entry("secretName", "string!"),
              Map.entry("dnsNames[]", "string!"),
              Map.entry("duration", "duration"),
              Map.entry("renewBefore", "duration"),
              Map.entry("usages[]", "string"),
              Map.entry("privateKey.algorithm", "string"),
              Map.entry("privateKey.size", "number"),
              Map.entry("privateKey.rotationPolicy", "string"),
              Map.entry("issuerRef.name", "string!"),
              Map.entry("issuerRef.kind", "string"),
              Map.entry("issuerRef.group", "string")),
          MONITORING + "ServiceMonitor",
          Map.of(
              "selector.matchLabels.*", "string!",
              "endpoints[].port", "string!",
              "endpoints[].path", "string",
              "endpoints[].interval", "duration",
              "endpoints[].metricRelabelings[].sourceLabels[]", "string!",
              "endpoints[].metricRelabelings[].regex", "string",
              "endpoints[].metricRelabelings[].targetLabel", "string",
              "endpoints[].metricRelabelings[].action", "string"),
          MONITORING + "PodMonitor",
          Map.of(
              "selector.matchLabels.*", "string!",
              "podMetricsEndpoints[].port", "string!",
              "podMetricsEndpoints[].path", "string",
              "podMetricsEndpoints[].interval", "duration"),
          MONITORING + "PrometheusRule",
          Map.of(
              "groups[].name", "string!",
              "groups[].interval", "duration",
              "groups[].rules[].alert", "string",
              "groups[].rules[].record", "string",
              "groups[].rules[].expr", "string!",
              "groups[].rules[].for", "duration",
              "groups[].rules[].keep_firing_for", "duration",
              "groups[].rules[].labels.*", "string",
              "groups[].rules[].annotations.*", "string"));

  private CustomResources() {}

  /** Returns what is wrong with a manifest; empty for a kind that is not known here. */
  static Optional<List<String>> problems(Manifest manifest) {
    Map<String, String> known = KNOWN.get(manifest.apiVersion() + "/" + manifest.kind());
    if (known == null) {
      return Optional.empty();
    }
    List<String> problems = new ArrayList<>();
    manifest
        .json()
        .fieldNames()
        .forEachRemaining(
            key -> {
              if (!List.of("apiVersion", "kind", "metadata", "spec").contains(key)) {
                problems.add(key + ": no such key");
              }
            });
    Map<String, List<JsonNode>> found = new TreeMap<>();
    collect("", manifest.at("/spec"), known, found);
    found.forEach(
        (path, values) -> {
          String kind = known.get(path);
          if (kind == null) {
            problems.add(path + ": no such key");
          } else if (!values.stream().allMatch(value -> fits(kind, value))) {
            problems.add(path + ": not a " + kind + ": " + values);
          }
        });
    known.forEach(
        (path, kind) -> {
          if (kind.endsWith("!") && !found.containsKey(path)) {
            problems.add(path + ": missing");
          }
        });
    return Optional.of(problems);
  }

  private static void collect(
      String path, JsonNode node, Map<String, String> known, Map<String, List<JsonNode>> found) {
    if (node.isObject()) {
      boolean any = known.containsKey(path + ".*");
      node.properties()
          .forEach(
              entry -> {
                String key = any ? "*" : entry.getKey();
                collect(path.isEmpty() ? key : path + "." + key, entry.getValue(), known, found);
              });
    } else if (node.isArray()) {
      node.forEach(element -> collect(path + "[]", element, known, found));
    } else {
      found.computeIfAbsent(path, at -> new ArrayList<>()).add(node);
    }
  }

  private static boolean fits(String kind, JsonNode value) {
    return switch (kind) {
      case "number" -> value.isIntegralNumber();
      case "duration" -> value.isTextual() && value.asText().matches("([0-9]+(ms|s|m|h|d))+");
      default -> value.isTextual() && !value.asText().isEmpty();
    };
  }
}
