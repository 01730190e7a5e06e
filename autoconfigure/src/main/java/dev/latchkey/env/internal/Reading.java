package dev.latchkey.env.internal;

import dev.latchkey.env.SecretLookupException;
import dev.latchkey.env.internal.imports.SecretConfigDataResource;
import dev.latchkey.env.internal.imports.SecretImport;
import dev.latchkey.LatchkeyException;
import dev.latchkey.env.SecretLookupException.Failure;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.SecretReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The reading of all that an environment needs, as many paths at once as there can be. */
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

  /**
   * Reads imports, and with them the references that are needed as far as that can be known without
   * what is imported.
   */
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
   * What can be read before the environment is complete: whatever is known to be needed, but for
   * what would be generated, since a source that is yet to come may answer for it.
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

  /** Refuses imports where nothing may be read. */
  void refuseImports(List<SecretConfigDataResource> unknown) {
    for (SecretConfigDataResource each : unknown) {
      LatchkeyException reason = new SwitchedOffException(each.imported().path() + "#password");
      if (!imports.takeOverridden(each.imported(), properties)
          && !imports.takeNothing(each, reason)) {
        failures.add(failure(each, reason));
      }
    }
  }

  /** Reads the references that are needed and were not read with the imports. */
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
   * @throws SecretLookupException if something is needed that was not read
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

  /** Every reference that no other property source answers, with a use of it that needs it most. */
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
