package dev.latchkey.actuate;

import dev.latchkey.secret.SecretStatus;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * Meters of the rotating secrets that have been read, each tagged with the {@code secret}'s name:
 *
 * <ul>
 *   <li>{@code latchkey.secret.age}: how long ago the store last confirmed the version in use
 *   <li>{@code latchkey.secret.lease}: how long its lease still lasts, where it has one
 *   <li>{@code latchkey.secret.refreshes}: how often the store was asked, by {@code outcome}
 *       ({@code success} or {@code failure})
 *   <li>{@code latchkey.secret.rotations}: how often another version came into use
 * </ul>
 *
 * @since 0.1
 */
public final class SecretMetrics implements MeterBinder {

  private final RotatingSecrets secrets;
  private final Clock clock;

  public SecretMetrics(RotatingSecrets secrets, Clock clock) {
    this.secrets = secrets;
    this.clock = clock;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    secrets.onOpen(
        name ->
            secrets.status(name).ifPresent(status -> bind(registry, name, status.lease() != null)));
  }

  private void bind(MeterRegistry registry, String name, boolean leased) {
    Tags secret = Tags.of("secret", name);
    gauge(
        registry,
        name,
        "latchkey.secret.age",
        "How long ago the store last confirmed the secret",
        status -> seconds(Duration.between(status.confirmedAt(), clock.instant())));
    if (leased) {
      gauge(
          registry,
          name,
          "latchkey.secret.lease",
          "How long the secret's lease still lasts",
          this::leaseLeft);
    }
    counter(
        registry,
        name,
        "latchkey.secret.refreshes",
        secret.and("outcome", "success"),
        status -> status.counts().refreshes());
    counter(
        registry,
        name,
        "latchkey.secret.refreshes",
        secret.and("outcome", "failure"),
        status -> status.counts().failures());
    counter(
        registry, name, "latchkey.secret.rotations", secret, status -> status.counts().rotations());
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String meter,
      String description,
      ToDoubleFunction<SecretStatus> value) {
    TimeGauge.builder(
            meter,
            secrets,
            TimeUnit.SECONDS,
            it -> it.status(name).map(value::applyAsDouble).orElse(Double.NaN))
        .tag("secret", name)
        .description(description)
        .register(registry);
  }

  /** Counts by what the registry of meters does not hold itself: it keeps only a weak reference. */
  private void counter(
      MeterRegistry registry,
      String name,
      String meter,
      Tags tags,
      ToLongFunction<SecretStatus> count) {
    FunctionCounter.builder(
            meter, secrets, it -> it.status(name).map(count::applyAsLong).orElse(0L))
        .tags(tags)
        .register(registry);
  }

  private double leaseLeft(SecretStatus status) {
    return Optional.ofNullable(status.lease())
        .map(lease -> seconds(Duration.between(clock.instant(), lease.endsAt())))
        .orElse(Double.NaN);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
