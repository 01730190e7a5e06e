package dev.latchkey.actuate.internal;

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
 *   <li>{@code latchkey.secret.age}: time since the store last confirmed the version in use
 *   <li>{@code latchkey.secret.lease}: remaining time of the lease, if the secret is leased
 *   <li>{@code latchkey.secret.refreshes}: number of refreshes, by {@code outcome} ({@code success}
 *       or {@code failure})
 *   <li>{@code latchkey.secret.rotations}: number of rotations to another version
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
        "Time since the store last confirmed the secret",
        status -> seconds(Duration.between(status.confirmedAt(), clock.instant())));
    if (leased) {
      gauge(
          registry,
          name,
          "latchkey.secret.lease",
          "Remaining time of the secret's lease",
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

  /**
   * Counts on an object that outlives this binder: the registry holds a weak reference to it only.
   */
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
