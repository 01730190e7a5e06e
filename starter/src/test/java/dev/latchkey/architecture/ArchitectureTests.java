package dev.latchkey.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import dev.latchkey.LatchkeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTests {

  private static final String ROOT = "dev.latchkey";

  private static final String VIOLATIONS = ArchitectureTests.class.getPackageName() + ".violations";

  private static final JavaClasses PRODUCTION =
      new ClassFileImporter()
          .withImportOption(
              location -> !location.contains("/test-classes/") && !location.contains("-tests.jar"))
          .importPackages(ROOT);

  private static final JavaClasses VIOLATING = new ClassFileImporter().importPackages(VIOLATIONS);

  @Test
  void looksAtEveryModuleAndAtNoTest() {
    assertThat(PRODUCTION.contain(LatchkeyException.class)).isTrue();
    assertThat(PRODUCTION.contain(ArchitectureTests.class)).isFalse();
    assertThat(PRODUCTION)
        .extracting(JavaClass::getPackageName)
        .contains(
            ROOT + ".autoconfigure.key",
            ROOT + ".file",
            ROOT + ".vault",
            ROOT + ".hikari",
            ROOT + ".redis",
            ROOT + ".rabbitmq",
            ROOT + ".kafka");
  }

  @Nested
  class RulesTests {

    static Stream<ArchRule> rules() {
      ArchitectureRules rules = new ArchitectureRules(ROOT);
      return Stream.of(
          rules.arrowsGoDownward(),
          rules.keysDoNotUseSecrets(),
          rules.secretsDoNotUseKeys(),
          rules.packagesAreFreeOfCycles(),
          rules.classCirclesHaveAtMostThreeClasses(),
          rules.coreHasNoFramework(),
          rules.coreNamesNoProperty(),
          rules.coreReferencesAndEndpointWireNothing(),
          rules.springVaultStaysInItsModule(),
          rules.staticFieldsAreFinal(),
          rules.staticFieldsAreImmutable());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void productionCodeKeepsRule(ArchRule rule) {
      rule.check(PRODUCTION);
    }

    static Stream<Arguments> violations() {
      ArchitectureRules rules = new ArchitectureRules(VIOLATIONS);
      return Stream.of(
          Arguments.of(rules.arrowsGoDownward(), "key.KeyWithEndpoint"),
          Arguments.of(rules.arrowsGoDownward(), "redis.RedisWithKafka"),
          Arguments.of(rules.arrowsGoDownward(), "elsewhere.Stray"),
          Arguments.of(rules.keysDoNotUseSecrets(), "key.KeyWithSecret"),
          Arguments.of(rules.secretsDoNotUseKeys(), "autoconfigure.secret.SecretsWithKeysets"),
          Arguments.of(rules.packagesAreFreeOfCycles(), "key.KeyWithEndpoint"),
          Arguments.of(rules.classCirclesHaveAtMostThreeClasses(), "circle.First"),
          Arguments.of(rules.coreHasNoFramework(), "secret.SecretWithSpring"),
          Arguments.of(rules.coreNamesNoProperty(), "secret.SecretWithProperty"),
          Arguments.of(rules.coreReferencesAndEndpointWireNothing(), "actuate.StrayProperties"),
          Arguments.of(rules.springVaultStaysInItsModule(), "file.FileWithSpringVault"),
          Arguments.of(rules.staticFieldsAreFinal(), "state.State.last"),
          Arguments.of(rules.staticFieldsAreImmutable(), "state.State.ALL"));
    }

    @ParameterizedTest
    @MethodSource("violations")
    void ruleFailsWhenBroken(ArchRule rule, String offender) {
      List<String> details = rule.evaluate(VIOLATING).getFailureReport().getDetails();

      assertThat(details).anyMatch(detail -> detail.contains(VIOLATIONS + "." + offender));
    }

    @Test
    void threeClassesMayBeACircle() {
      assertThat(
              new ArchitectureRules(VIOLATIONS)
                  .classCirclesHaveAtMostThreeClasses()
                  .evaluate(VIOLATING)
                  .getFailureReport()
                  .getDetails())
          .noneMatch(detail -> detail.contains("smallcircle"));
    }
  }

  @Nested
  class NullnessTests {

    @Test
    void everyPackageIsNullMarked() {
      assertThat(unmarked(PRODUCTION)).isEmpty();
    }

    @Test
    void findsPackageThatIsNotNullMarked() {
      assertThat(unmarked(VIOLATING)).contains(VIOLATIONS + ".elsewhere");
    }

    private static List<String> unmarked(JavaClasses classes) {
      return classes.stream()
          .map(JavaClass::getPackage)
          .distinct()
          .filter(each -> !isNullMarked(each))
          .map(JavaPackage::getName)
          .toList();
    }

    private static boolean isNullMarked(JavaPackage javaPackage) {
      return javaPackage
          .tryGetPackageInfo()
          .map(info -> info.isAnnotatedWith(NullMarked.class))
          .orElse(false);
    }
  }

  @Nested
  class RoomsTests {

    private final Rooms rooms = Rooms.of(PRODUCTION);

    @Test
    void packagesAreSmall() {
      assertThat(rooms.ninetiethPercentile()).as(rooms::toString).isLessThanOrEqualTo(15);
      assertThat(rooms.largest()).as(rooms::toString).isLessThanOrEqualTo(25);
    }

    @Test
    void usersCanNameAtMostAQuarterOfTheTypes() {
      assertThat(rooms.shareOfNameable()).as(rooms::toString).isLessThanOrEqualTo(0.25);
    }

    @Test
    void countsTypesOfAPackage() {
      Rooms violating = Rooms.of(VIOLATING);

      assertThat(violating.sizes()).containsEntry(VIOLATIONS + ".circle", 4L);
      assertThat(violating.largest()).isEqualTo(4);
      assertThat(violating.nameable())
          .extracting(JavaClass::getSimpleName)
          .contains("Redis")
          .doesNotContain("First", "Hidden");
    }
  }

  /** Samples and documentation show what users may write. */
  @Nested
  class InternalPackagesTests {

    private static final Pattern INTERNAL =
        Pattern.compile("dev\\.latchkey(\\.[a-z0-9]+)*\\.internal\\b");

    @Test
    void samplesAndDocumentationUseNone() throws IOException {
      Path project = Path.of("..").toRealPath();

      assertThat(users(project.resolve("samples")))
          .as("files that name an internal package")
          .isEmpty();
      assertThat(users(project.resolve("docs")))
          .as("pages that name an internal package")
          .isEmpty();
      assertThat(users(project.resolve("README.md"))).isEmpty();
    }

    @Test
    void findsUseOfAnInternalPackage(@TempDir Path folder) throws IOException {
      Path page =
          Files.writeString(folder.resolve("page.md"), "import dev.latchkey.key.internal.X;");
      Files.writeString(folder.resolve("other.md"), "import dev.latchkey.key.X;");

      assertThat(users(folder)).containsExactly(page);
    }

    /** Sources that users read: not our own tests of the pages. */
    private static List<Path> users(Path root) throws IOException {
      List<Path> users = new ArrayList<>();
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(InternalPackagesTests::isRead).toList()) {
          if (INTERNAL.matcher(Files.readString(file)).find()) {
            users.add(file);
          }
        }
      }
      return users;
    }

    private static boolean isRead(Path file) {
      String path = file.toString();
      return (path.endsWith(".md") || path.endsWith(".java") && !path.contains("/docs/src/test/"))
          && !path.contains("/target/");
    }
  }
}
