package dev.latchkey.autoconfigure;

import dev.latchkey.actuate.RotationEndpoint;
import dev.latchkey.actuate.RotationEndpointWebExtension;
import dev.latchkey.actuate.internal.ReadinessWhenStale;
import dev.latchkey.actuate.internal.RotationHealthIndicator;
import dev.latchkey.actuate.internal.RotationMetrics;
import dev.latchkey.actuate.internal.SecretMetrics;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.RotationStatus;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StorePolicies;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Clock;
import java.util.Map;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * Auto-configuration of the {@code rotation} endpoint, and of the health indicator and the meters
 * of keysets and secrets.
 *
 * @since 0.1
 */
@AutoConfiguration(after = {KeysetAutoConfiguration.class, RotatingSecretAutoConfiguration.class})
@ConditionalOnBean({RotationService.class, RotatingSecrets.class})
public final class RotationEndpointAutoConfiguration {

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(ConditionalOnAvailableEndpoint.class)
  static class EndpointConfiguration {

    @Bean
    @ConditionalOnAvailableEndpoint
    @ConditionalOnMissingBean
    RotationEndpoint latchkeyRotationEndpoint(RotationService rotation, RotatingSecrets secrets) {
      return new RotationEndpoint(rotation, secrets);
    }

    @Bean
    @ConditionalOnAvailableEndpoint(endpoint = RotationEndpoint.class)
    @ConditionalOnMissingBean
    RotationEndpointWebExtension latchkeyRotationEndpointWebExtension(
        RotationEndpoint endpoint, RotationStatus rotation, ObjectProvider<Backend> backend) {
      return new RotationEndpointWebExtension(endpoint, () -> policies(rotation, backend));
    }

    private static Map<String, String> policies(
        RotationStatus rotation, ObjectProvider<Backend> backend) {
      return rotation.store().isEmpty()
          ? Map.of()
          : backend
              .getObject()
              .policies()
              .texts(
                  rotation.keysets().values().stream()
                      .map(RotationEndpointAutoConfiguration::policyKeyset)
                      .toList());
    }
  }

  private static StorePolicies.Keyset policyKeyset(KeysetStatus keyset) {
    return new StorePolicies.Keyset(
        keyset.id(),
        keyset.access(),
        keyset.template().family().hasPublicKeys(),
        keyset.createIfAbsent());
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
  static class HealthConfiguration {

    @Bean
    @ConditionalOnEnabledHealthIndicator("latchkey")
    @ConditionalOnMissingBean(name = "latchkeyHealthIndicator")
    RotationHealthIndicator latchkeyHealthIndicator(
        RotationStatus rotation, RotatingSecrets secrets) {
      return new RotationHealthIndicator(rotation, secrets);
    }
  }

  @Bean
  @ConditionalOnProperty(name = "latchkey.rotation.when-stale", havingValue = "out-of-service")
  ReadinessWhenStale latchkeyReadinessWhenStale(ApplicationEventPublisher publisher) {
    return new ReadinessWhenStale(publisher);
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(MeterBinder.class)
  static class MetricsConfiguration {

    @Bean
    @ConditionalOnMissingBean
    RotationMetrics latchkeyRotationMetrics(RotationStatus rotation) {
      return new RotationMetrics(rotation, Clock.systemUTC());
    }

    @Bean
    @ConditionalOnMissingBean
    SecretMetrics latchkeySecretMetrics(RotatingSecrets secrets) {
      return new SecretMetrics(secrets, Clock.systemUTC());
    }
  }
}
