package dev.latchkey.memory.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stores secrets in memory, with all their versions.
 *
 * @since 0.1
 */
public final class MemorySecretSource implements SecretSource {

  private final Map<String, List<SecretValue>> versionsByPath = new ConcurrentHashMap<>();

  @Override
  public Optional<SecretValue> read(String path, @Nullable Long version) {
    List<SecretValue> versions = versionsByPath.getOrDefault(path, List.of());
    if (versions.isEmpty()) {
      return Optional.empty();
    }
    if (version == null) {
      return Optional.of(versions.get(versions.size() - 1));
    }
    if (version < 1 || version > versions.size()) {
      throw new LatchkeyException(
          "%s has no version %d: the newest is %d".formatted(path, version, versions.size()),
          "Use a version from 1 to %d, or omit it for the newest.".formatted(versions.size()));
    }
    return Optional.of(versions.get(version.intValue() - 1));
  }

  @Override
  public void write(String path, Map<String, @Nullable Object> fields, long expectedVersion) {
    versionsByPath.compute(
        path,
        (key, versions) -> {
          List<SecretValue> held = versions == null ? List.of() : versions;
          if (held.size() != expectedVersion) {
            throw new WriteConflictException(path, expectedVersion);
          }
          SecretValue next = SecretValue.keyValue(path, fields, expectedVersion + 1);
          return Stream.concat(held.stream(), Stream.of(next)).toList();
        });
  }

  @Override
  public String description() {
    return "memory store";
  }
}
