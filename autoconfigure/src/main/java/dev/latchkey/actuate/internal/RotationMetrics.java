package dev.latchkey.actuate.internal;

import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeyUsage;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.RotationStatus;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * Meters of the keysets, tagged with the name of the {@code keyset}:
 *
 * <ul>
 *   <li>{@code latchkey.key.age}: time since the active key was activated
 *   <li>{@code latchkey.keys}: number of keys in each {@code state}
 *   <li>{@code latchkey.freshness}: time since the last proven read of the store
 *   <li>{@code latchkey.refreshes}: number of refreshes, by {@code outcome} ({@code success} or
 *       {@code failure})
 *   <li>{@code latchkey.operations}: number of uses of keys, by {@code operation} ({@code protect}
 *       or {@code process})
 *   <li>{@code latchkey.rotations}: number of rotations, by {@code outcome} ({@code success} on any
 *       instance, {@code failure} on this instance)
 * </ul>
 *
 * @since 0.1
 */
public final class RotationMetrics implements MeterBinder {

  private final RotationStatus rotation;
  private final Clock clock;

  public RotationMetrics(RotationStatus rotation, Clock clock) {
    this.rotation = rotation;
    this.clock = clock;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    rotation.keysets().keySet().forEach(name -> bind(registry, name));
  }

  private void bind(MeterRegistry registry, String name) {
    Supplier<KeysetStatus> status = () -> rotation.keyset(name).orElseThrow();
    TimeGauge.builder("latchkey.key.age", () -> seconds(activeFor(status.get())), TimeUnit.SECONDS)
        .tag("keyset", name)
        .description("Time since the active key was activated")
        .register(registry);
    TimeGauge.builder(
            "latchkey.freshness", () -> seconds(status.get().freshness().age()), TimeUnit.SECONDS)
        .tag("keyset", name)
        .description("Time since the last proven read of the store")
        .register(registry);
    for (KeyState state : KeyState.values()) {
      Gauge.builder("latchkey.keys", () -> count(status.get(), state))
          .tag("keyset", name)
          .tag("state", state.name().toLowerCase(Locale.ROOT).replace('_', '-'))
          .description("Number of keys by state")
          .register(registry);
    }
    Tags keyset = Tags.of("keyset", name);
    counter(
        registry,
        name,
        "latchkey.refreshes",
        keyset.and("outcome", "success"),
        it -> it.counts().refreshes());
    counter(
        registry,
        name,
        "latchkey.refreshes",
        keyset.and("outcome", "failure"),
        it -> it.counts().failures());
    counter(
        registry,
        name,
        "latchkey.rotations",
        keyset.and("outcome", "success"),
        it -> it.counts().rotations());
    counter(
        registry,
        name,
        "latchkey.rotations",
        keyset.and("outcome", "failure"),
        it -> it.counts().failedRotations());
    counter(
        registry,
        name,
        "latchkey.operations",
        keyset.and("operation", "protect"),
        it -> sum(it, KeyUsage::protectedCount));
    counter(
        registry,
        name,
        "latchkey.operations",
        keyset.and("operation", "process"),
        it -> sum(it, KeyUsage::processedCount));
  }

  /**
   * Counts on an object that outlives this binder: the registry holds a weak reference to it only.
   */
  private void counter(
      MeterRegistry registry,
      String name,
      String meter,
      Tags tags,
      ToLongFunction<KeysetStatus> count) {
    FunctionCounter.builder(meter, rotation, it -> count.applyAsLong(it.keyset(name).orElseThrow()))
        .tags(tags)
        .register(registry);
  }

  private static long sum(KeysetStatus status, ToLongFunction<KeyUsage> count) {
    return status.usage().values().stream().mapToLong(count).sum();
  }

  private Duration activeFor(KeysetStatus status) {
    Instant since = status.metadata().active().since();
    return since == null ? Duration.ZERO : Duration.between(since, clock.instant());
  }

  private static long count(KeysetStatus status, KeyState state) {
    return status.metadata().keys().stream().filter(key -> key.state() == state).count();
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
