package dev.latchkey.actuate.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.autoconfigure.RotationEndpointAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import dev.latchkey.key.rotation.RotationEvent.KeysetFreshnessChanged;
import dev.latchkey.secret.SecretEvent.SecretConfirmed;
import dev.latchkey.secret.SecretEvent.SecretExpired;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.availability.ApplicationAvailabilityAutoConfiguration;
import org.springframework.boot.availability.ApplicationAvailability;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

class ReadinessWhenStaleTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final KeysetId RECEIPTS = new KeysetId("shop", "receipts");

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  ApplicationAvailabilityAutoConfiguration.class,
                  KeysetAutoConfiguration.class,
                  RotatingSecretAutoConfiguration.class,
                  RotationEndpointAutoConfiguration.class));

  private final ApplicationContextRunner outOfService =
      runner.withPropertyValues("latchkey.rotation.when-stale=out-of-service");

  @Test
  void refusesTrafficWhileKeysetIsStale() {
    outOfService.run(
        context -> {
          accept(context);
          tell(context, ORDERS, Freshness.State.UNPROVEN);
          assertThat(readiness(context)).isEqualTo(ReadinessState.ACCEPTING_TRAFFIC);
          tell(context, ORDERS, Freshness.State.STALE);
          tell(context, RECEIPTS, Freshness.State.STALE);
          assertThat(readiness(context)).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
          tell(context, ORDERS, Freshness.State.PROVEN);
          assertThat(readiness(context)).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
          tell(context, RECEIPTS, Freshness.State.PROVEN);
          assertThat(readiness(context)).isEqualTo(ReadinessState.ACCEPTING_TRAFFIC);
        });
  }

  @Test
  void refusesTrafficWhileSecretIsStale() {
    outOfService.run(
        context -> {
          accept(context);
          context.publishEvent(new SecretExpired("payments"));
          assertThat(readiness(context)).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
          context.publishEvent(new SecretConfirmed("payments"));
          assertThat(readiness(context)).isEqualTo(ReadinessState.ACCEPTING_TRAFFIC);
        });
  }

  @Test
  void keepsRefusalWhenAnotherComponentRefusedTraffic() {
    outOfService.run(
        context -> {
          accept(context);
          tell(context, ORDERS, Freshness.State.STALE);
          AvailabilityChangeEvent.publish(
              context.getSourceApplicationContext(), "drain", ReadinessState.REFUSING_TRAFFIC);
          tell(context, ORDERS, Freshness.State.PROVEN);
          assertThat(readiness(context)).isEqualTo(ReadinessState.REFUSING_TRAFFIC);
        });
  }

  @Test
  void onlyReportsByDefault() {
    runner.run(
        context -> {
          accept(context);
          tell(context, ORDERS, Freshness.State.STALE);
          assertThat(readiness(context)).isEqualTo(ReadinessState.ACCEPTING_TRAFFIC);
        });
  }

  private static void accept(ApplicationContext context) {
    AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
  }

  private static void tell(ApplicationContext context, KeysetId keyset, Freshness.State state) {
    context.publishEvent(new KeysetFreshnessChanged(keyset, state));
  }

  private static ReadinessState readiness(ApplicationContext context) {
    return context.getBean(ApplicationAvailability.class).getReadinessState();
  }
}
