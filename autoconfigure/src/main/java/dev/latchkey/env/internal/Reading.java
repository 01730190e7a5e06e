package dev.latchkey.env.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.env.internal.imports.SecretConfigDataResource;
import dev.latchkey.env.internal.imports.SecretImport;
import dev.latchkey.env.internal.text.SecretLookupException;
import dev.latchkey.env.internal.text.SecretLookupException.Failure;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.SecretReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads the imports and references of an environment, with paths in parallel. */
final class Reading {

  private final RawProperties properties;
  private final LazyLookups lookups;
  private final Imports imports;
  private final Set<SecretReference> read = new LinkedHashSet<>();
  private final Map<SecretReference, LatchkeyException> unread = new LinkedHashMap<>();
  private final List<Failure> failures = new ArrayList<>();

  Reading(RawProperties properties, LazyLookups lookups, Imports imports) {
    this.properties = properties;
    this.lookups = lookups;
    this.imports = imports;
  }

  /** Reads imports, together with the references that are known before the imports are read. */
  void readImports(List<SecretConfigDataResource> unknown) {
    List<SecretConfigDataResource> needed =
        unknown.stream()
            .filter(each -> !imports.takeOverridden(each.imported(), properties))
            .toList();
    Set<SecretReference> together = new LinkedHashSet<>();
    needed.forEach(each -> together.add(each.imported().path()));
    together.addAll(needed(new ArrayList<>()).keySet());
    read(together);
    for (SecretConfigDataResource each : needed) {
      LatchkeyException failure = unread.get(each.imported().path());
      if (failure == null) {
        imports.take(each.imported(), lookups.getAll(each.imported().path()));
      } else if (!imports.takeNothing(each, failure)) {
        failures.add(failure(each, failure));
      }
    }
  }

  /**
   * Returns what can be read before the environment is complete: all known references except for
   * those that generate a value, since a property source that is added later may override them.
   */
  Set<SecretReference> neededSoon() {
    Set<SecretReference> soon = new LinkedHashSet<>();
    properties.imports().stream()
        .map(each -> each.getSource().imported().path())
        .filter(path -> properties.overrides(path).isEmpty())
        .forEach(soon::add);
    needed(new ArrayList<>()).keySet().stream()
        .filter(reference -> reference.generate() == null)
        .forEach(soon::add);
    return soon;
  }

  /** Rejects imports while Latchkey is disabled. */
  void refuseImports(List<SecretConfigDataResource> unknown) {
    for (SecretConfigDataResource each : unknown) {
      LatchkeyException reason =
          new LatchkeyDisabledException(each.imported().path() + "#password");
      if (!imports.takeOverridden(each.imported(), properties)
          && !imports.takeNothing(each, reason)) {
        failures.add(failure(each, reason));
      }
    }
  }

  /** Reads the required references that were not read together with the imports. */
  void readReferences() {
    Map<SecretReference, ReferenceUse> needed = needed(failures);
    Set<SecretReference> rest = new LinkedHashSet<>(needed.keySet());
    rest.removeAll(read);
    read(rest);
    needed.forEach(
        (reference, use) -> {
          LatchkeyException failure = unread.get(reference);
          if (failure != null && !(failure instanceof AbsentSecretException && use.hasFallback())) {
            failures.add(use.failure(failure));
          }
        });
  }

  /**
   * @throws SecretLookupException if a required import or reference was not read
   */
  void failIfIncomplete() {
    if (!failures.isEmpty()) {
      throw new SecretLookupException(failures);
    }
  }

  private void read(Set<SecretReference> references) {
    unread.putAll(lookups.readAll(references));
    read.addAll(references);
  }

  /** Returns references that are not overridden, with a use without fallback if there is one. */
  private Map<SecretReference, ReferenceUse> needed(List<Failure> invalid) {
    Map<SecretReference, ReferenceUse> needed = new LinkedHashMap<>();
    for (ReferenceUse use : ReferenceUses.in(properties)) {
      try {
        SecretReference reference = SecretReference.parse(use.reference());
        if (properties.override(reference) == null) {
          needed.merge(reference, use, (first, second) -> first.hasFallback() ? second : first);
        }
      } catch (LatchkeyException mistyped) {
        invalid.add(use.failure(mistyped));
      }
    }
    return needed;
  }

  private static Failure failure(SecretConfigDataResource resource, LatchkeyException cause) {
    return new Failure(resource.toString(), SecretImport.PROPERTY, resource.origin(), cause);
  }
}
