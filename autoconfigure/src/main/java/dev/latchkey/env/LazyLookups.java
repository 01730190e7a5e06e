package dev.latchkey.env;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.secret.internal.SecretLookups;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Look-ups in a source that is opened when the first of them is needed. Some can be begun before,
 * in the background.
 */
final class LazyLookups {

  private static final int MAX_CONNECTIONS = 16;

  private final Supplier<SecretSource> source;
  private @Nullable SecretLookups lookups;
  private volatile @Nullable Thread opener;
  private Begun begun = new Begun(Set.of(), CompletableFuture.completedFuture(Map.of()));

  LazyLookups(Supplier<SecretSource> source) {
    this.source = source;
  }

  String get(SecretReference reference) {
    return open().get(reference);
  }

  SecretValue getAll(SecretReference path) {
    return open().getAll(path);
  }

  /**
   * Begins to read, while the caller goes on with something else. What goes wrong is told by {@link
   * #readAll}, where it is still needed.
   */
  void begin(Set<SecretReference> references) {
    if (references.isEmpty()) {
      return;
    }
    begun =
        new Begun(
            references,
            CompletableFuture.supplyAsync(
                () -> read(references),
                task -> {
                  Thread thread = new Thread(task, "latchkey-look-ups");
                  thread.setDaemon(true);
                  thread.start();
                }));
  }

  /** Whether the current thread opens the source: whatever that needs cannot be looked up. */
  boolean isOpenedHere() {
    return Thread.currentThread() == opener;
  }

  /** What goes wrong with each of them; the paths are read at once, unless that has begun. */
  Map<SecretReference, LatchkeyException> readAll(Set<SecretReference> references) {
    Map<SecretReference, LatchkeyException> failures = new LinkedHashMap<>();
    if (!Collections.disjoint(begun.references(), references)) {
      failures.putAll(begun.failures());
      failures.keySet().retainAll(references);
    }
    Set<SecretReference> rest = new LinkedHashSet<>(references);
    rest.removeAll(begun.references());
    failures.putAll(read(rest));
    return failures;
  }

  private Map<SecretReference, LatchkeyException> read(Set<SecretReference> references) {
    if (references.isEmpty()) {
      return Map.of();
    }
    SecretLookups opened = open();
    ExecutorService executor =
        Executors.newFixedThreadPool(Math.min(MAX_CONNECTIONS, references.size()));
    try {
      return opened.readAll(references, executor);
    } finally {
      executor.shutdown();
    }
  }

  private synchronized SecretLookups open() {
    if (lookups == null) {
      if (isOpenedHere()) {
        throw new LatchkeyException(
            "It is needed to reach the store that holds it",
            "latchkey.* cannot hold a reference in what says where secrets lie and how to log in."
                + " Give that value yourself, such as from an environment variable or a file.");
      }
      opener = Thread.currentThread();
      try {
        lookups = new SecretLookups(source.get(), new SecureRandom());
      } finally {
        opener = null;
      }
    }
    return lookups;
  }

  private record Begun(
      Set<SecretReference> references,
      CompletableFuture<Map<SecretReference, LatchkeyException>> outcome) {

    Map<SecretReference, LatchkeyException> failures() {
      try {
        return outcome.join();
      } catch (CompletionException ex) {
        throw ex.getCause() instanceof RuntimeException failure ? failure : ex;
      }
    }
  }
}
