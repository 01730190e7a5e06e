package dev.latchkey.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.latchkey.LatchkeyException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTests {

  private static final String VIOLATIONS = ArchitectureTests.class.getPackageName() + ".violations";

  private static final JavaClasses PRODUCTION =
      new ClassFileImporter()
          .withImportOption(
              location -> !location.contains("/test-classes/") && !location.contains("-tests.jar"))
          .importPackages("dev.latchkey");

  private static final JavaClasses VIOLATING = new ClassFileImporter().importPackages(VIOLATIONS);

  static Stream<ArchRule> rules() {
    return rules(new ArchitectureRules("dev.latchkey"));
  }

  private static Stream<ArchRule> rules(ArchitectureRules rules) {
    return Stream.of(
        rules.arrowsGoDownward(),
        rules.coreHasNoFramework(),
        rules.onlyWiringWires(),
        rules.springVaultStaysBehindTheAdapters(),
        rules.nothingIsStaticAndMutable());
  }

  @ParameterizedTest
  @MethodSource("rules")
  void productionCodeKeepsRule(ArchRule rule) {
    rule.check(PRODUCTION);
  }

  @Test
  void bothModulesAreLookedAt() {
    assertThat(PRODUCTION.contain(LatchkeyException.class)).isTrue();
    assertThat(PRODUCTION.contain("dev.latchkey.autoconfigure.key.KeysetAutoConfiguration"))
        .isTrue();
    assertThat(PRODUCTION.contain(ArchitectureTests.class)).isFalse();
  }

  @Test
  void everyPackageIsNullMarked() {
    List<String> unmarked =
        PRODUCTION.stream()
            .map(JavaClass::getPackage)
            .distinct()
            .filter(each -> !isNullMarked(each))
            .map(JavaPackage::getName)
            .toList();
    assertThat(unmarked).isEmpty();
  }

  private static boolean isNullMarked(JavaPackage javaPackage) {
    return javaPackage
        .tryGetPackageInfo()
        .map(info -> info.isAnnotatedWith(NullMarked.class))
        .orElse(false);
  }

  static Stream<Arguments> violations() {
    ArchitectureRules rules = new ArchitectureRules(VIOLATIONS);
    return Stream.of(
        Arguments.of(rules.arrowsGoDownward(), "key.KeysetThatRotates"),
        Arguments.of(rules.arrowsGoDownward(), "secret.SecretWithKeyset"),
        Arguments.of(rules.arrowsGoDownward(), "env.EnvWithVault"),
        Arguments.of(rules.arrowsGoDownward(), "annotation.AnnotationThatWires"),
        Arguments.of(rules.arrowsGoDownward(), "elsewhere.Stray"),
        Arguments.of(rules.coreHasNoFramework(), "key.rotation.RotationWithSpring"),
        Arguments.of(rules.onlyWiringWires(), "vault.StrayProperties"),
        Arguments.of(rules.springVaultStaysBehindTheAdapters(), "env.EnvWithSpringVault"),
        Arguments.of(rules.nothingIsStaticAndMutable(), "annotation.AnnotationThatWires.last"));
  }

  @ParameterizedTest
  @MethodSource("violations")
  void ruleFailsWhenBroken(ArchRule rule, String offender) {
    List<String> details = rule.evaluate(VIOLATING).getFailureReport().getDetails();
    assertThat(details).anyMatch(detail -> detail.contains(VIOLATIONS + "." + offender));
  }
}
