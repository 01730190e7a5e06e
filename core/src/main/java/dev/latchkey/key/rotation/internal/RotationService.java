package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyReferences;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.RotationStatus;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The rotators of all keysets of an application. */
public final class RotationService implements RotationStatus {

  private final KeysetRegistry registry;

  private final Map<String, Rotator> rotators = new LinkedHashMap<>();

  private final Supplier<@Nullable String> store;

  /** The rotators of keysets in a store without a name. */
  public RotationService(KeysetRegistry registry, List<Rotator> rotators) {
    this(registry, rotators, () -> null);
  }

  /**
   * @param registry where the rotators bring their keysets into use
   * @param store the type of the store, such as {@code vault}; null while none is open
   */
  public RotationService(
      KeysetRegistry registry, List<Rotator> rotators, Supplier<@Nullable String> store) {
    this.registry = registry;
    this.store = store;
    rotators.forEach(rotator -> this.rotators.put(rotator.name(), rotator));
  }

  /**
   * Opens all keysets in parallel. Creates those that never existed only once all others are open,
   * so that a failing startup creates nothing.
   *
   * @throws LatchkeyException the first failure, in the order of the keysets
   */
  public void open(Executor executor) {
    Set<Rotator> absent = ConcurrentHashMap.newKeySet();
    inParallel(
        executor,
        rotators.values(),
        rotator -> {
          if (!rotator.openExisting()) {
            absent.add(rotator);
          }
        });
    inParallel(
        executor, rotators.values().stream().filter(absent::contains).toList(), Rotator::open);
    inParallel(executor, rotators.values(), Rotator::publish);
  }

  private static void inParallel(
      Executor executor, Collection<Rotator> rotators, Consumer<Rotator> task) {
    List<CompletableFuture<Void>> running =
        rotators.stream()
            .map(rotator -> CompletableFuture.runAsync(() -> task.accept(rotator), executor))
            .toList();
    try {
      running.forEach(CompletableFuture::join);
    } catch (CompletionException ex) {
      if (ex.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw ex;
    }
  }

  /**
   * From now on, also refreshes a keyset when a ciphertext, signature or token names a key that the
   * keyset does not hold.
   *
   * @param refreshThread where the refresh runs: never on a caller's thread
   * @param interval the interval of the regular refreshes
   */
  public void refreshOnUnknownKey(Executor refreshThread, Duration interval, Clock clock) {
    Map<String, RefreshOnDemand> onDemand = new HashMap<>();
    rotators.forEach(
        (name, rotator) ->
            onDemand.put(name, new RefreshOnDemand(rotator, refreshThread, interval, clock)));
    registry.onUnknownKey(
        name -> {
          RefreshOnDemand refresh = onDemand.get(name);
          return refresh != null && refresh.await();
        });
  }

  /** Refreshes every keyset, and takes the steps that are due. */
  public void refresh() {
    forEach(Rotator::refresh);
  }

  /** An unexpected failure, for example in a listener, does not affect the other keysets. */
  private void forEach(Consumer<Rotator> task) {
    RuntimeException failure = null;
    for (Rotator rotator : rotators.values()) {
      try {
        task.accept(rotator);
      } catch (RuntimeException ex) {
        failure = ex;
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** The registry of the keysets in use. */
  public KeysetRegistry registry() {
    return registry;
  }

  /** Adds the uses of keys that this instance counted to the counters of all instances. */
  public void shareUsage() {
    forEach(Rotator::shareUsage);
  }

  /**
   * Keeps keys of a keyset in use from now on as long as {@code source} counts references to them.
   *
   * @throws LatchkeyException if there is no such keyset
   */
  public void addReferences(String keyset, KeyReferences source) {
    Rotator rotator = rotators.get(keyset);
    if (rotator == null) {
      throw new LatchkeyException(
          "There is no keyset '%s' to count references to".formatted(keyset),
          "Configured keysets: %s.".formatted(String.join(", ", rotators.keySet())));
    }
    rotator.addReferences(source);
  }

  /** The rotator of a keyset, if there is one. */
  public Optional<Rotator> find(String name) {
    return Optional.ofNullable(this.rotators.get(name));
  }

  @Override
  public Optional<String> store() {
    return Optional.ofNullable(store.get());
  }

  @Override
  public Map<String, KeysetStatus> keysets() {
    Map<String, KeysetStatus> status = new LinkedHashMap<>();
    this.rotators.forEach((name, rotator) -> status.put(name, rotator.status()));
    return status;
  }

  @Override
  public Optional<KeysetStatus> keyset(String name) {
    return find(name).map(Rotator::status);
  }
}
