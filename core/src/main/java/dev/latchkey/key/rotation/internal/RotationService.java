package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyCensus;
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

/**
 * The rotators of all keysets of an application.
 *
 * @since 0.1
 */
public final class RotationService implements RotationStatus {

  private final KeysetRegistry registry;

  private final Map<String, Rotator> rotators = new LinkedHashMap<>();

  private final Supplier<@Nullable String> store;

  /** Those of a store without a name. */
  public RotationService(KeysetRegistry registry, List<Rotator> rotators) {
    this(registry, rotators, () -> null);
  }

  /**
   * @param registry where the rotators bring their keysets into use
   * @param store what keeps them, such as {@code vault}; null as long as nothing is kept
   */
  public RotationService(
      KeysetRegistry registry, List<Rotator> rotators, Supplier<@Nullable String> store) {
    this.registry = registry;
    this.store = store;
    rotators.forEach(rotator -> this.rotators.put(rotator.name(), rotator));
  }

  /**
   * Opens all keysets, side by side. Those that never were are made only when all others are open:
   * nothing is made by a start that fails.
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
   * From now on, refreshes a keyset also when something names a key that it does not hold.
   *
   * @param refreshThread where the refresh runs: never on a caller's thread
   * @param interval that of the regular refreshes
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

  /** Asks the store for news of every keyset, and takes the steps that are due. */
  public void refresh() {
    forEach(Rotator::refresh);
  }

  /** One that fails unforeseen, such as by what a listener throws, does not stop the others. */
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

  /** Where the keysets are in use. */
  public KeysetRegistry registry() {
    return registry;
  }

  /** Adds the uses of keys that this instance counted to the counters of all instances. */
  public void shareUsage() {
    forEach(Rotator::shareUsage);
  }

  /**
   * From now on, keys of a keyset are kept as long as {@code census} counts something under them.
   *
   * @throws LatchkeyException if there is no such keyset
   */
  public void addCensus(String keyset, KeyCensus census) {
    Rotator rotator = rotators.get(keyset);
    if (rotator == null) {
      throw new LatchkeyException(
          "There is no keyset '%s' whose keys a census could keep".formatted(keyset),
          "Configured are: %s.".formatted(String.join(", ", rotators.keySet())));
    }
    rotator.addCensus(census);
  }

  /** The rotator of a keyset, if there is such a keyset. */
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
