package dev.latchkey.env.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.SecretData;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
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
 * Lookups in a source that is opened for the first lookup. References that are needed soon can be
 * read ahead in the background.
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

  SecretData getAll(SecretReference path) {
    return open().getAll(path);
  }

  /**
   * Starts reading in the background. {@link #readAll} reports failures of references that are
   * still needed.
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
                  Thread thread = new Thread(task, "latchkey-lookups");
                  thread.setDaemon(true);
                  thread.start();
                }));
  }

  /** Returns whether the current thread is opening the source, which cannot use lookups itself. */
  boolean isOpenedHere() {
    return Thread.currentThread() == opener;
  }

  /** Reads paths in parallel, unless they are being read already, and returns failures. */
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
            "The property configures the connection to the store that would resolve it",
            "Properties that configure the store's location and authentication cannot contain"
                + " references. Set a literal value, for example with an environment variable.");
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
