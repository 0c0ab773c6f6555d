package dev.postern.deploy.chart;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The controls of the Pod Security Standards at the level "restricted", which includes those of
 * "baseline".
 */
final class PodSecurity {
  private static final Set<String> VOLUMES =
      Set.of(
          "configMap",
          "csi",
          "downwardAPI",
          "emptyDir",
          "ephemeral",
          "persistentVolumeClaim",
          "projected",
          "secret");

  private PodSecurity() {}

  /** Returns what a pod's specification has that an admission controller would refuse. */
  static List<String> violations(JsonNode pod) {
    List<String> violations = new ArrayList<>();
    for (String namespace : List.of("hostNetwork", "hostPID", "hostIPC")) {
      if (pod.path(namespace).asBoolean()) {
        violations.add(namespace);
      }
    }
    JsonNode podContext = pod.path("securityContext");
    if (podContext.has("sysctls")) {
      violations.add("sysctls");
    }
    for (JsonNode volume : pod.path("volumes")) {
      volume
          .fieldNames()
          .forEachRemaining(
              field -> {
                if (!field.equals("name") && !VOLUMES.contains(field)) {
                  violations.add("volume of type " + field);
                }
              });
    }
    for (String kind : List.of("initContainers", "containers", "ephemeralContainers")) {
      for (JsonNode container : pod.path(kind)) {
        container(podContext, container, violations);
      }
    }
    return violations;
  }

  private static void container(JsonNode podContext, JsonNode container, List<String> violations) {
    String name = container.path("name").asText();
    JsonNode context = container.path("securityContext");
    if (context.path("privileged").asBoolean()) {
      violations.add(name + ": privileged");
    }
    if (context.path("allowPrivilegeEscalation").asBoolean(true)) {
      violations.add(name + ": allowPrivilegeEscalation");
    }
    if (!context.at("/capabilities/drop").toString().contains("\"ALL\"")) {
      violations.add(name + ": capabilities are not dropped");
    }
    for (JsonNode added : context.at("/capabilities/add")) {
      if (!added.asText().equals("NET_BIND_SERVICE")) {
        violations.add(name + ": capability " + added.asText());
      }
    }
    if (!effective(podContext, context, "/runAsNonRoot").asBoolean()) {
      violations.add(name + ": runAsNonRoot");
    }
    if (effective(podContext, context, "/runAsUser").asInt(-1) == 0) {
      violations.add(name + ": runAsUser");
    }
    String profile = effective(podContext, context, "/seccompProfile/type").asText();
    if (!profile.equals("RuntimeDefault") && !profile.equals("Localhost")) {
      violations.add(name + ": seccompProfile");
    }
    String mount = context.path("procMount").asText("Default");
    if (!mount.equals("Default")) {
      violations.add(name + ": procMount");
    }
    for (JsonNode port : container.path("ports")) {
      if (port.path("hostPort").asInt() != 0) {
        violations.add(name + ": hostPort");
      }
    }
  }

  private static JsonNode effective(JsonNode podContext, JsonNode context, String pointer) {
    JsonNode own = context.at(pointer);
    return own.isMissingNode() ? podContext.at(pointer) : own;
  }
}
