package dev.postern.deploy.backend;

import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Starts the servers when the first class needs them and stops them after the last test of the JVM.
 */
final class BackendsExtension implements ExecutionCondition, BeforeAllCallback, ParameterResolver {

  static final String REQUIRED = "POSTERN_REQUIRE_BACKENDS";

  private static final Namespace NAMESPACE = Namespace.create(BackendsExtension.class);

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (context.getTestMethod().isPresent()) {
      return ConditionEvaluationResult.enabled("its class runs");
    }
    Optional<String> obstacle = obstacle(context);
    if (obstacle.isPresent() && !"1".equals(System.getenv(REQUIRED))) {
      return ConditionEvaluationResult.disabled(obstacle.get());
    }
    return ConditionEvaluationResult.enabled("the mail servers can run, or must");
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    obstacle(context)
        .ifPresent(
            reason -> {
              throw new IllegalStateException(REQUIRED + "=1, but " + reason);
            });
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == MailBackends.class;
  }

  @Override
  public MailBackends resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(
            MailBackends.class, type -> ProcessBackends.start(), MailBackends.class);
  }

  /** Why the servers that the class needs cannot run here. */
  private static Optional<String> obstacle(ExtensionContext context) {
    WithMailBackends needed =
        AnnotationSupport.findAnnotation(context.getRequiredTestClass(), WithMailBackends.class)
            .or(() -> enclosing(context))
            .orElseThrow();
    for (BackendServer server : needed.value()) {
      Optional<String> obstacle = ProcessBackends.obstacle(server);
      if (obstacle.isPresent()) {
        return obstacle;
      }
    }
    return Optional.empty();
  }

  private static Optional<WithMailBackends> enclosing(ExtensionContext context) {
    return context.getEnclosingTestClasses().stream()
        .flatMap(type -> AnnotationSupport.findAnnotation(type, WithMailBackends.class).stream())
        .findFirst();
  }
}
