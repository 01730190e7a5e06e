package dev.latchkey.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.lang.ArchRule;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.context.annotation.Configuration;

/**
 * Which package may use which. Arrows go only downward; siblings never import each other.
 *
 * @param root the package above all, so that the rules can be tried on classes that break them
 */
record ArchitectureRules(String root) {

  ArchRule arrowsGoDownward() {
    return layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .withOptionalLayers(true)
        .layer("wiring")
        .definedBy(root + ".autoconfigure..")
        .layer("env")
        .definedBy(root + ".env")
        .layer("client")
        .definedBy(root + ".client")
        .layer("annotation")
        .definedBy(root + ".annotation")
        .layer("actuate")
        .definedBy(root + ".actuate")
        .layer("vault")
        .definedBy(root + ".vault")
        .layer("file store")
        .definedBy(root + ".store.file")
        .layer("memory store")
        .definedBy(root + ".store.memory")
        .layer("re-encryption")
        .definedBy(root + ".reencryption")
        .layer("rotation")
        .definedBy(root + ".rotation")
        .layer("keyset")
        .definedBy(root + ".keyset")
        .layer("secret")
        .definedBy(root + ".secret..")
        .layer("follow")
        .definedBy(root + ".follow")
        .layer("base")
        .definedBy(root)
        .whereLayer("wiring")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("env")
        .mayOnlyAccessLayers("secret", "base")
        .whereLayer("client")
        .mayOnlyAccessLayers("annotation", "secret", "base")
        .whereLayer("annotation")
        .mayOnlyAccessLayers("keyset", "secret", "base")
        .whereLayer("actuate")
        .mayOnlyAccessLayers("rotation", "keyset", "secret", "base")
        .whereLayer("vault")
        .mayOnlyAccessLayers("keyset", "secret", "base")
        .whereLayer("file store")
        .mayOnlyAccessLayers("keyset", "secret", "base")
        .whereLayer("memory store")
        .mayOnlyAccessLayers("keyset", "secret", "base")
        .whereLayer("re-encryption")
        .mayOnlyAccessLayers("rotation", "keyset", "base")
        .whereLayer("rotation")
        .mayOnlyAccessLayers("keyset", "secret", "base")
        .whereLayer("keyset")
        .mayOnlyAccessLayers("base")
        .whereLayer("secret")
        .mayOnlyAccessLayers("follow", "base")
        .whereLayer("follow")
        .mayOnlyAccessLayers("base")
        .whereLayer("base")
        .mayNotAccessAnyLayer()
        .ensureAllClassesAreContainedInArchitecture();
  }

  /** Jackson 2 counts as one; its annotations are those of Jackson 3. */
  ArchRule coreHasNoFramework() {
    return noClasses()
        .that(
            resideInAnyPackage(
                root,
                root + ".keyset",
                root + ".reencryption",
                root + ".rotation",
                root + ".follow",
                root + ".secret..",
                root + ".store.."))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "org.springframework..",
            "com.fasterxml.jackson.core..",
            "com.fasterxml.jackson.databind..");
  }

  ArchRule onlyWiringWires() {
    return classes()
        .that()
        .areMetaAnnotatedWith(Configuration.class)
        .or()
        .areMetaAnnotatedWith(ConfigurationProperties.class)
        .or()
        .areAssignableTo(FailureAnalyzer.class)
        .should()
        .resideInAPackage(root + ".autoconfigure");
  }

  ArchRule springVaultStaysBehindTheAdapters() {
    return noClasses()
        .that(resideOutsideOfPackages(root + ".vault", root + ".autoconfigure"))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.springframework.vault..");
  }

  ArchRule nothingIsStaticAndMutable() {
    return fields().that().areStatic().should().beFinal().allowEmptyShould(true);
  }
}
