package dev.latchkey.secret.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.internal.NearestName;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretValue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** One path, read once. Generates missing fields if a reference requests it. */
final class LookedUpPath {

  /** Safe in URLs, shells, YAML and connection strings. */
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private static final int MAX_CONFLICTS = 8;

  private final SecretSource source;
  private final RandomGenerator random;
  private final String path;
  private final @Nullable Long version;
  private @Nullable Optional<SecretValue> known;

  LookedUpPath(SecretSource source, RandomGenerator random, String path, @Nullable Long version) {
    this.source = source;
    this.random = random;
    this.path = path;
    this.version = version;
  }

  /**
   * Looks up each reference. A field that one reference generates is there for the others.
   *
   * @param outage shared with other paths: once the source is unavailable, no other path waits for
   *     it again
   * @return the failures
   */
  Map<SecretReference, LatchkeyException> tryAll(
      Collection<SecretReference> references,
      AtomicReference<@Nullable StoreUnavailableException> outage) {
    List<SecretReference> generatingFirst = new ArrayList<>(references);
    generatingFirst.sort(Comparator.comparing(reference -> reference.generate() == null));
    Map<SecretReference, LatchkeyException> failures = new LinkedHashMap<>();
    for (SecretReference reference : generatingFirst) {
      try {
        StoreUnavailableException unavailable = outage.get();
        if (unavailable != null) {
          throw unavailable;
        }
        if (reference.field() == null) {
          SecretValue ignored = all();
        } else {
          String ignored = get(reference);
        }
      } catch (StoreUnavailableException unavailable) {
        outage.set(unavailable);
        failures.put(reference, unavailable);
      } catch (LatchkeyException failure) {
        failures.put(reference, failure);
      }
    }
    return failures;
  }

  synchronized String get(SecretReference reference) {
    String field =
        Objects.requireNonNull(reference.field(), "A lookup needs a reference with a field");
    Optional<SecretValue> current = known != null ? known : read();
    if (current.isPresent() && current.get().fields().contains(field)) {
      return current.get().get(field);
    }
    if (reference.generate() != null) {
      return generate(reference, field, reference.generate());
    }
    throw absent(field, current);
  }

  /** All fields of the path. */
  synchronized SecretValue all() {
    Optional<SecretValue> current = known != null ? known : read();
    return current.orElseThrow(() -> absent(howToWrite("name", true)));
  }

  private Optional<SecretValue> read() {
    Optional<SecretValue> answer = source.read(path, version);
    known = answer;
    return answer;
  }

  /**
   * Writes a random value with check-and-set against the version read. If another instance was
   * first, its value is used. Nothing is written unless the source said with authority that the
   * field does not exist.
   */
  private String generate(SecretReference reference, String field, int length) {
    String value = randomText(length);
    for (int conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      Optional<SecretValue> current = known != null ? known : read();
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      current.ifPresent(found -> fields.putAll(found.values()));
      if (current.isPresent() && fields.containsKey(field)) {
        return current.get().get(field);
      }
      long expectedVersion = current.map(SecretValue::version).orElse(0L);
      if (current.isPresent() && expectedVersion == 0) {
        throw new LatchkeyException(
            "Cannot generate '%s': %s keeps no versions at %s"
                .formatted(reference, source.description(), path),
            "Without versions, two instances could overwrite each other. Write the field yourself, or"
                + " store the secret in a KV v2 engine.");
      }
      fields.put(field, value);
      try {
        source.write(path, fields, expectedVersion);
        known = Optional.of(SecretValue.keyValue(path, fields, expectedVersion + 1));
        return value;
      } catch (WriteConflictException lost) {
        known = null;
      }
    }
    throw new LatchkeyException(
        "Cannot generate '%s': other writers changed %s %d times meanwhile"
            .formatted(reference, path, MAX_CONFLICTS),
        "Find out what keeps writing to it, then restart the application.");
  }

  private String randomText(int length) {
    return random
        .ints(length, 0, ALPHABET.length())
        .map(ALPHABET::charAt)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private LatchkeyException absent(String field, Optional<SecretValue> current) {
    if (current.isEmpty()) {
      return absent(howToCreate(field, true));
    }
    Set<String> held = current.get().fields();
    String description =
        "%s%s in %s has no field '%s' (found %s)"
            .formatted(
                path,
                version != null ? " version " + version : "",
                source.description(),
                field,
                held.isEmpty() ? "no fields" : String.join(", ", held));
    if (version != null) {
      return new LatchkeyException(
          description, "Use a field that this version has, or another version.");
    }
    String correction =
        NearestName.of(field, held)
            .map("Did you mean '%s'?"::formatted)
            .orElse("Use one of its fields.");
    return new AbsentSecretException(description, correction + " " + howToCreate(field, false));
  }

  private AbsentSecretException absent(String howToCreate) {
    return new AbsentSecretException(
        "%s has no secret at %s".formatted(source.description(), path), howToCreate);
  }

  private String howToCreate(String field, boolean isFirst) {
    if (!source.mayWrite(path)) {
      return howToWrite(field, isFirst);
    }
    return "%s Or let Latchkey generate it at first startup: ${%s}"
        .formatted(howToWrite(field, isFirst), new SecretReference(path, null, 32, field));
  }

  private String howToWrite(String field, boolean isFirst) {
    return source
        .howToWrite(path, field, isFirst)
        .orElseGet(
            () ->
                "Set the property '%s' to a value of your own."
                    .formatted(new SecretReference(path, null, null, field)));
  }
}
