package dev.latchkey.autoconfigure.secret;

import dev.latchkey.autoconfigure.internal.DaemonThreads;
import dev.latchkey.autoconfigure.internal.EventRelay;
import dev.latchkey.autoconfigure.internal.RefreshProperties;
import dev.latchkey.autoconfigure.internal.SharedConfiguration;
import dev.latchkey.autoconfigure.internal.StoreUse;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.store.Backend;
import java.time.Clock;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.ConfigurationPropertiesBinding;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.convert.converter.Converter;

/**
 * Auto-configuration of rotating secrets. A secret is read when it is first used, and at the latest
 * before startup completes if a bean has it. Latchkey follows it while the application runs, and
 * revokes its leases when the application stops.
 *
 * @since 0.1
 */
@AutoConfiguration
public final class RotatingSecretAutoConfiguration {

  private static final int CONNECTIONS = 16;

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
  @EnableConfigurationProperties(RotatingSecretProperties.class)
  @Import(SharedConfiguration.class)
  static class Secrets {

    @Bean
    RotatingSecrets latchkeyRotatingSecrets(
        ConfigurableListableBeanFactory beans,
        RotatingSecretProperties properties,
        RefreshProperties refresh,
        ObjectProvider<Backend> backend,
        Followers followers,
        EventRelay events) {
      // closed in this order, whichever is created first: secrets, then the store with their leases
      for (String store : beans.getBeanNamesForType(Backend.class, true, false)) {
        beans.registerDependentBean(store, "latchkeyRotatingSecrets");
      }
      return new RotatingSecrets(
          new SecretDefinitions(properties).all(),
          () -> backend.getObject().secrets(),
          refresh.interval(),
          followers,
          Clock.systemUTC(),
          events);
    }

    /** Reads the secrets that beans have, so that a missing one fails startup. */
    @Bean
    static SmartInitializingSingleton latchkeySecretReader(
        ObjectProvider<RotatingSecrets> secrets) {
      return () -> secrets.ifAvailable(Secrets::readUsed);
    }

    private static void readUsed(RotatingSecrets secrets) {
      int count = secrets.unopened();
      if (count == 0) {
        return;
      }
      ExecutorService readers =
          Executors.newFixedThreadPool(
              Math.min(CONNECTIONS, count), DaemonThreads.named("latchkey-open"));
      try {
        secrets.openUsed(readers);
      } finally {
        readers.shutdownNow();
      }
    }

    @Bean
    static StoreUse latchkeySecretsStoreUse(ObjectProvider<RotatingSecrets> secrets) {
      return () -> !secrets.getObject().status().isEmpty();
    }
  }

  @Bean
  @ConfigurationPropertiesBinding
  static Converter<String, RotatingSecret> latchkeyRotatingSecretConverter(
      ObjectProvider<RotatingSecrets> secrets) {
    return new RotatingSecretConverter(secrets);
  }
}
