package dev.latchkey.autoconfigure;

import dev.latchkey.follow.Followers;
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
import org.springframework.context.annotation.Bean;
import org.springframework.core.convert.converter.Converter;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of rotating secrets. A secret is read when it is first used, and at the latest
 * before startup completes if a bean has it. Latchkey follows it while the context runs, and
 * revokes its leases when the context closes.
 *
 * @since 0.1
 */
@AutoConfiguration(before = LatchkeyAutoConfiguration.class)
public final class RotatingSecretAutoConfiguration {

  private static final int CONNECTIONS = 16;

  @Bean
  @ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
  RotatingSecrets latchkeyRotatingSecrets(
      ConfigurableListableBeanFactory beans,
      LatchkeyProperties properties,
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
        properties.refresh().interval(),
        followers,
        Clock.systemUTC(),
        events);
  }

  /** Reads the secrets that beans have, so that a missing one fails startup. */
  @Bean
  @ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
  static SmartInitializingSingleton latchkeySecretReader(ObjectProvider<RotatingSecrets> secrets) {
    return () -> secrets.ifAvailable(RotatingSecretAutoConfiguration::readUsed);
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
  @ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
  static ClientLibraries latchkeyClientLibraries(Environment environment) {
    return new ClientLibraries(environment);
  }

  @Bean
  @ConfigurationPropertiesBinding
  static Converter<String, RotatingSecret> latchkeyRotatingSecretConverter(
      ObjectProvider<RotatingSecrets> secrets) {
    return new RotatingSecretConverter(secrets);
  }
}
