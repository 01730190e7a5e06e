package dev.latchkey.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import com.tngtech.archunit.library.Architectures.LayeredArchitecture;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.annotation.Configuration;

/**
 * Which room may use which. Arrows go only downward, and neighbors never use each other.
 *
 * @param root package that contains all rooms, so that the rules can also be tried on classes that
 *     break them
 */
record ArchitectureRules(String root) {

  private static final String BASE = "base";

  /** The framework-free rooms. */
  private static final List<String> CORE = List.of("internal", "follow", "key", "secret", "memory");

  private static final List<String> CLIENTS = List.of("hikari", "redis", "rabbitmq", "kafka");

  /** Every room with the rooms that it may use, besides the exceptions that all rooms share. */
  ArchRule arrowsGoDownward() {
    LayeredArchitecture house =
        Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer(BASE)
            .definedBy(root)
            .whereLayer(BASE)
            .mayNotAccessAnyLayer();
    house = room(house, "internal");
    house = room(house, "property");
    house = room(house, "follow");
    house = room(house, "key", "internal", "follow");
    house = room(house, "secret", "internal", "follow");
    house = room(house, "memory", "key", "secret");
    house = room(house, "store", "key", "secret", "memory", "internal", "property");
    house = room(house, "env", "secret", "internal", "property");
    house = room(house, "annotation", "key", "secret", "internal", "property");
    house = room(house, "client", "annotation", "secret", "internal", "property");
    house = room(house, "actuate", "internal", "key", "secret");
    house =
        room(
            house,
            "autoconfigure",
            "internal",
            "property",
            "follow",
            "key",
            "secret",
            "memory",
            "store",
            "env",
            "annotation",
            "client",
            "actuate");
    house = room(house, "file", "key", "secret", "store", "autoconfigure");
    house = room(house, "vault", "key", "secret", "store", "autoconfigure", "internal", "property");
    for (String client : CLIENTS) {
      house = room(house, client, "client", "secret", "autoconfigure", "internal", "property");
    }
    house = room(house, "reencryption", "key");
    house = room(house, "jwks", "key", "autoconfigure");
    house = room(house, "test", "follow", "key", "secret", "memory", "store");
    return house.ensureAllClassesAreContainedInArchitecture();
  }

  private LayeredArchitecture room(LayeredArchitecture house, String name, String... uses) {
    return house
        .layer(name)
        .definedBy("%s.%s..".formatted(root, name))
        .whereLayer(name)
        .mayOnlyAccessLayers(
            Stream.concat(Stream.of(BASE), Arrays.stream(uses)).toArray(String[]::new));
  }

  ArchRule keysDoNotUseSecrets() {
    return separate("key", "secret");
  }

  ArchRule secretsDoNotUseKeys() {
    return separate("secret", "key");
  }

  private ArchRule separate(String one, String other) {
    return noClasses()
        .that()
        .resideInAnyPackage(packages(one))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages(other));
  }

  private String[] packages(String subject) {
    return new String[] {
      "%s.%s..".formatted(root, subject), "%s.autoconfigure.%s..".formatted(root, subject)
    };
  }

  ArchRule packagesAreFreeOfCycles() {
    return SlicesRuleDefinition.slices()
        .assignedFrom(
            new SliceAssignment() {
              @Override
              public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
                return javaClass.getPackageName().startsWith(root)
                    ? SliceIdentifier.of(javaClass.getPackageName())
                    : SliceIdentifier.ignore();
              }

              @Override
              public String getDescription() {
                return "packages";
              }
            })
        .should()
        .beFreeOfCycles();
  }

  ArchRule classCirclesHaveAtMostThreeClasses() {
    return classes()
        .that()
        .resideInAPackage(root + "..")
        .and()
        .areTopLevelClasses()
        .should(new BeInNoLargeCircle(3));
  }

  /** Jackson 2 counts as a framework. Its annotations are also those of Jackson 3. */
  ArchRule coreHasNoFramework() {
    return noClasses()
        .that(resideInAnyPackage(core()))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.springframework..",
            "com.fasterxml.jackson.core..",
            "com.fasterxml.jackson.databind..");
  }

  ArchRule coreNamesNoProperty() {
    return classes().that(resideInAnyPackage(core())).should(new NameNoProperty());
  }

  private String[] core() {
    return Stream.concat(Stream.of(root), CORE.stream().map(each -> root + "." + each + ".."))
        .toArray(String[]::new);
  }

  ArchRule coreReferencesAndEndpointWireNothing() {
    return noClasses()
        .that(resideInAnyPackage(core()))
        .or(resideInAnyPackage(root + ".env..", root + ".annotation..", root + ".actuate.."))
        .should()
        .beMetaAnnotatedWith(Configuration.class)
        .orShould()
        .beMetaAnnotatedWith(ConfigurationProperties.class)
        .orShould()
        .beAssignableTo(FailureAnalyzer.class);
  }

  ArchRule springVaultStaysInItsModule() {
    return noClasses()
        .that(resideOutsideOfPackages(root + ".vault..", root + ".test.."))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.springframework.vault..");
  }

  ArchRule staticFieldsAreFinal() {
    return fields().that().areStatic().should().beFinal().allowEmptyShould(true);
  }

  ArchRule staticFieldsAreImmutable() {
    return fields()
        .that()
        .areStatic()
        .and()
        .areFinal()
        .should(new HoldNothingMutable())
        .allowEmptyShould(true);
  }
}
