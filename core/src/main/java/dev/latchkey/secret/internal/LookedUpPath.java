package dev.latchkey.secret.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.NearestName;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.SecretData;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretText;
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

/** One path, read once; its missing fields generated where a reference asks for that. */
final class LookedUpPath {

  /** Safe in URLs, shells, YAML and connection strings. */
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  private static final int MAX_CONFLICTS = 8;

  private final SecretSource source;
  private final RandomGenerator random;
  private final String path;
  private final @Nullable Long version;
  private @Nullable Optional<SecretData> data;

  LookedUpPath(SecretSource source, RandomGenerator random, String path, @Nullable Long version) {
    this.source = source;
    this.random = random;
    this.path = path;
    this.version = version;
  }

  /**
   * What goes wrong with each; a field that one reference generates is there for the others.
   *
   * @param outage shared with other paths: once the source gives no answer, nobody waits for it
   *     again
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
          SecretData ignored = all();
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
        Objects.requireNonNull(reference.field(), "A look-up needs a reference with a field");
    Optional<SecretData> current = data != null ? data : read();
    if (current.isPresent() && current.get().fields().containsKey(field)) {
      return SecretText.of(reference, current.get().fields().get(field));
    }
    if (reference.generate() != null) {
      return generate(reference, field, reference.generate());
    }
    throw absent(field, current);
  }

  /** All that lies there. */
  synchronized SecretData all() {
    Optional<SecretData> current = data != null ? data : read();
    return current.orElseThrow(() -> absent(source.howToWrite(path, "name", true)));
  }

  private Optional<SecretData> read() {
    Optional<SecretData> answer = source.read(path, version);
    data = answer;
    return answer;
  }

  /**
   * Writes a random value against the version read; whoever loses takes the winner's value. Nothing
   * is written unless the source said with authority that the field does not exist.
   */
  private String generate(SecretReference reference, String field, int length) {
    String value = randomText(length);
    for (int conflicts = 0; conflicts < MAX_CONFLICTS; conflicts++) {
      Optional<SecretData> current = data != null ? data : read();
      Map<String, @Nullable Object> fields = new LinkedHashMap<>();
      current.ifPresent(found -> fields.putAll(found.fields()));
      if (fields.containsKey(field)) {
        return SecretText.of(reference, fields.get(field));
      }
      long expectedVersion = current.map(SecretData::version).orElse(0L);
      if (current.isPresent() && expectedVersion == 0) {
        throw new LatchkeyException(
            "'%s' cannot be generated: %s keeps no versions at %s"
                .formatted(reference, source.description(), path),
            "Two instances could overwrite each other there. Write the field yourself, or keep the"
                + " secret in a KV v2 engine.");
      }
      fields.put(field, value);
      try {
        source.write(path, fields, expectedVersion);
        data = Optional.of(new SecretData(fields, expectedVersion + 1));
        return value;
      } catch (WriteConflictException lost) {
        data = null;
      }
    }
    throw new LatchkeyException(
        "'%s' could not be generated: others wrote to %s %d times meanwhile"
            .formatted(reference, path, MAX_CONFLICTS),
        "Find out what keeps writing there, and start again.");
  }

  private String randomText(int length) {
    return random
        .ints(length, 0, ALPHABET.length())
        .map(ALPHABET::charAt)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private LatchkeyException absent(String field, Optional<SecretData> current) {
    if (current.isEmpty()) {
      return absent(howToMake(field, true));
    }
    Set<String> held = current.get().fields().keySet();
    String description =
        "%s holds %s at %s%s, but no '%s'"
            .formatted(
                source.description(),
                held.isEmpty() ? "no fields" : "the fields " + String.join(", ", held),
                path,
                version != null ? " in version " + version : "",
                field);
    if (version != null) {
      return new LatchkeyException(
          description, "Name a field that this version has, or another version.");
    }
    String correction =
        NearestName.of(field, held)
            .map("Did you mean '%s'?"::formatted)
            .orElse("Name one that is there.");
    return new AbsentSecretException(description, correction + " " + howToMake(field, false));
  }

  private AbsentSecretException absent(String howToMake) {
    return new AbsentSecretException(
        "%s holds nothing at %s".formatted(source.description(), path), howToMake);
  }

  private String howToMake(String field, boolean isFirst) {
    return "%s Or let it be made at the first start: ${%s}"
        .formatted(
            source.howToWrite(path, field, isFirst), new SecretReference(path, null, 32, field));
  }
}
