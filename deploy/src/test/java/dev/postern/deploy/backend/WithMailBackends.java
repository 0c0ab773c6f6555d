package dev.postern.deploy.backend;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs a test class against real mail servers: constructors, test methods and life-cycle methods
 * may have a parameter of type {@link MailBackends}.
 *
 * <p>Where the servers cannot run, the class is skipped and the reason is reported. With {@code
 * POSTERN_REQUIRE_BACKENDS=1} in the environment it fails instead.
 */
@Documented
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(BackendsExtension.class)
public @interface WithMailBackends {

  /** What the class cannot do without. */
  BackendServer[] value() default {BackendServer.DOVECOT, BackendServer.POSTFIX};
}
