package dev.postern.deploy.container;

import java.util.Optional;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts the containers when the first class needs them and removes them after the last test of the
 * JVM.
 */
final class ContainersExtension
    implements ExecutionCondition, BeforeAllCallback, ParameterResolver {
  static final String REQUIRED = "CI";

  private static final Namespace NAMESPACE = Namespace.create(ContainersExtension.class);
  private static final Logger log = LoggerFactory.getLogger(ContainersExtension.class);

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (context.getTestMethod().isPresent()) {
      return ConditionEvaluationResult.enabled("its class runs");
    }
    Optional<String> obstacle = obstacle();
    if (obstacle.isPresent() && !required()) {
      log.warn("skipped={} reason=\"{}\"", context.getDisplayName(), obstacle.get());
      return ConditionEvaluationResult.disabled(obstacle.get());
    }
    return ConditionEvaluationResult.enabled("containers can run, or must");
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    obstacle()
        .ifPresent(
            reason -> {
              throw new IllegalStateException(REQUIRED + "=true, but " + reason);
            });
    system(context);
  }

  private static Optional<String> obstacle() {
    return Engine.obstacle().or(MailSystem::obstacle);
  }

  private static boolean required() {
    return "true".equals(System.getenv(REQUIRED));
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == MailSystem.class;
  }

  @Override
  public MailSystem resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return system(context);
  }

  private static MailSystem system(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(MailSystem.class, type -> MailSystem.start(), MailSystem.class);
  }
}
