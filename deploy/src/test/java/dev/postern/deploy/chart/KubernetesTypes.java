package dev.postern.deploy.chart;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1CronJob;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Role;
import io.kubernetes.client.openapi.models.V1RoleBinding;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Kubernetes' own types, by two generators: what either of them does not know, an API server
 * refuses or drops.
 */
final class KubernetesTypes {
  private static final Map<String, Type> TYPES =
      Map.ofEntries(
          Map.entry("v1/ConfigMap", new Type(ConfigMap.class, V1ConfigMap::validateJsonElement)),
          Map.entry("v1/Pod", new Type(Pod.class, V1Pod::validateJsonElement)),
          Map.entry("v1/Secret", new Type(Secret.class, V1Secret::validateJsonElement)),
          Map.entry("v1/Service", new Type(Service.class, V1Service::validateJsonElement)),
          Map.entry(
              "v1/ServiceAccount",
              new Type(ServiceAccount.class, V1ServiceAccount::validateJsonElement)),
          Map.entry(
              "apps/v1/Deployment", new Type(Deployment.class, V1Deployment::validateJsonElement)),
          Map.entry("batch/v1/CronJob", new Type(CronJob.class, V1CronJob::validateJsonElement)),
          Map.entry(
              "autoscaling/v2/HorizontalPodAutoscaler",
              new Type(
                  HorizontalPodAutoscaler.class, V2HorizontalPodAutoscaler::validateJsonElement)),
          Map.entry(
              "networking.k8s.io/v1/NetworkPolicy",
              new Type(NetworkPolicy.class, V1NetworkPolicy::validateJsonElement)),
          Map.entry(
              "policy/v1/PodDisruptionBudget",
              new Type(PodDisruptionBudget.class, V1PodDisruptionBudget::validateJsonElement)),
          Map.entry(
              "rbac.authorization.k8s.io/v1/Role",
              new Type(Role.class, V1Role::validateJsonElement)),
          Map.entry(
              "rbac.authorization.k8s.io/v1/RoleBinding",
              new Type(RoleBinding.class, V1RoleBinding::validateJsonElement)));

  private static final JsonMapper STRICT =
      JsonMapper.builder().annotationIntrospector(new KnownPropertiesOnly()).build();

  private KubernetesTypes() {}

  private record Type(Class<?> model, Judge judge) {}

  @FunctionalInterface
  private interface Judge {
    void judge(JsonElement element) throws IOException;
  }

  /**
   * Returns what is wrong with a manifest.
   *
   * @return empty for a kind that is not Kubernetes' own
   */
  static Optional<List<String>> problems(Manifest manifest) {
    Type type = TYPES.get(manifest.apiVersion() + "/" + manifest.kind());
    if (type == null) {
      return Optional.empty();
    }
    List<String> problems = new ArrayList<>();
    try {
      STRICT.treeToValue(manifest.json(), type.model());
    } catch (JsonProcessingException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
    try {
      type.judge().judge(JsonParser.parseString(manifest.json().toString()));
    } catch (IOException | IllegalArgumentException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
    return Optional.of(problems);
  }

  /** The models would keep what they do not know; here it is a mistake. */
  private static final class KnownPropertiesOnly extends JacksonAnnotationIntrospector {
    private static final long serialVersionUID = 1L;

    @Override
    public Boolean hasAnySetter(Annotated annotated) {
      return false;
    }
  }
}
