package dev.latchkey.secret.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretValue;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Looks up secrets by reference. Each path (and each pinned version of it) is read once and then
 * kept, so that a looked-up value is the same for the life of the process. Thread-safe.
 *
 * @since 0.1
 */
public final class SecretLookups {

  private final SecretSource source;
  private final RandomGenerator random;
  private final ConcurrentMap<PathVersion, LookedUpPath> paths = new ConcurrentHashMap<>();

  /**
   * @param random generates the values that {@code ?generate} requests: a {@link
   *     java.security.SecureRandom} in production
   */
  public SecretLookups(SecretSource source, RandomGenerator random) {
    this.source = source;
    this.random = random;
  }

  /**
   * The text of a secret.
   *
   * @throws AbsentSecretException if the source says with authority that there is no such secret
   * @throws dev.latchkey.StoreUnavailableException if the source is unavailable
   * @throws LatchkeyException for any other answer, and for a value that is not a text
   */
  public String get(SecretReference reference) {
    return path(reference).get(reference);
  }

  /**
   * All fields of a path.
   *
   * @param path a reference without a field
   * @throws AbsentSecretException as {@link #get(SecretReference)} does
   */
  public SecretValue getAll(SecretReference path) {
    return path(path).all();
  }

  /**
   * Looks up all references, their paths in parallel. Once the source turns out to be unavailable,
   * the paths that have not been read yet are skipped.
   *
   * @return the failures, in the order of the references
   */
  public Map<SecretReference, LatchkeyException> readAll(
      Collection<SecretReference> references, Executor executor) {
    Map<LookedUpPath, List<SecretReference>> byPath =
        references.stream()
            .collect(Collectors.groupingBy(this::path, LinkedHashMap::new, Collectors.toList()));
    Map<SecretReference, LatchkeyException> failures = new ConcurrentHashMap<>();
    AtomicReference<@Nullable StoreUnavailableException> outage = new AtomicReference<>();
    CompletableFuture.allOf(
            byPath.entrySet().stream()
                .map(
                    entry ->
                        CompletableFuture.runAsync(
                            () -> failures.putAll(entry.getKey().tryAll(entry.getValue(), outage)),
                            executor))
                .toArray(CompletableFuture[]::new))
        .join();
    Map<SecretReference, LatchkeyException> ordered = new LinkedHashMap<>();
    for (SecretReference reference : references) {
      LatchkeyException failure = failures.get(reference);
      if (failure != null) {
        ordered.put(reference, failure);
      }
    }
    return ordered;
  }

  private LookedUpPath path(SecretReference reference) {
    return paths.computeIfAbsent(
        new PathVersion(reference.path(), reference.version()),
        key -> new LookedUpPath(source, random, key.path(), key.version()));
  }

  private record PathVersion(String path, @Nullable Long version) {}
}
