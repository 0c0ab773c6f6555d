package dev.postern.deploy;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import io.netty.util.AsciiString;
import io.netty.util.ByteProcessor;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import java.nio.channels.Channel;
import java.time.Clock;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What may know what. This module sees all the others, so the rules of the whole tree stand here.
 */
class ArchitectureTest {

  private static final JavaClasses PRODUCTION =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.postern");

  private static final String[] PROTOCOLS = {
    "dev.postern.imap..", "dev.postern.pop3..", "dev.postern.smtp.."
  };

  /** Buffers and what belongs to them: all of Netty that a protocol may see. */
  private static final DescribedPredicate<JavaClass> NETTY_BUT_BUFFERS =
      resideInAPackage("io.netty..")
          .and(not(resideInAPackage("io.netty.buffer")))
          .and(
              not(
                  belongToAnyOf(
                      ReferenceCounted.class,
                      ReferenceCountUtil.class,
                      ByteProcessor.class,
                      AsciiString.class,
                      AsciiString[].class)))
          .as("Netty other than buffers");

  @Test
  void coreKnowsNoProtocolAndNoCommandLine() {
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.postern.core..")
            .should()
            .dependOnClassesThat(
                resideInAnyPackage(PROTOCOLS)
                    .or(resideInAnyPackage("dev.postern.deploy..", "picocli.."))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"imap", "pop3", "smtp"})
  void protocolSeesOnlyItselfAndCore(String protocol) {
    String own = "dev.postern." + protocol + "..";
    check(
        noClasses()
            .that()
            .resideInAPackage(own)
            .should()
            .dependOnClassesThat(
                resideInAPackage("dev.postern..")
                    .and(not(resideInAnyPackage(own, "dev.postern.core..")))));
  }

  @Test
  void protocolsTouchBuffersButNoChannels() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(PROTOCOLS)
            .should()
            .dependOnClassesThat(NETTY_BUT_BUFFERS));
  }

  @Test
  void protocolsNeitherBlockNorLookAtAClock() {
    check(
        noClasses()
            .that()
            .resideInAnyPackage(PROTOCOLS)
            .or()
            .resideInAPackage("dev.postern.core.policy..")
            .should()
            .dependOnClassesThat()
            .areAssignableTo(Clock.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Channel.class)
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Thread.class)
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(System.class, "nanoTime"));
  }

  @Test
  void packagesFormNoCycles() {
    check(slices().matching("dev.postern.(**)").should().beFreeOfCycles());
  }

  @Test
  void nothingLogsThroughTheJdk() {
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.postern..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("java.util.logging.."));
  }

  @Test
  void onlyTheCommandLineWritesToTheConsole() {
    check(
        noClasses()
            .that()
            .resideInAPackage("dev.postern..")
            .and()
            .resideOutsideOfPackage("dev.postern.deploy.cli..")
            .should()
            .accessField(System.class, "out")
            .orShould()
            .accessField(System.class, "err")
            .orShould()
            .callMethod(Throwable.class, "printStackTrace"));
  }

  // The protocol modules are still without classes.
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(PRODUCTION);
  }
}
