package dev.latchkey.autoconfigure.secret;

import dev.latchkey.autoconfigure.internal.DaemonThreads;
import dev.latchkey.autoconfigure.internal.EventRelay;
import dev.latchkey.autoconfigure.internal.RefreshProperties;
import dev.latchkey.autoconfigure.internal.SharedConfiguration;
import dev.latchkey.autoconfigure.internal.StoreUse;
import dev.latchkey.client.SecretClients;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.rotating.internal.RotatingSecretDefinition;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.store.Backend;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
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
 * Auto-configuration of rotating secrets: reads them during startup, follows them while the
 * application runs, and revokes their leases when it stops. A secret that a client is configured
 * with is read when the client uses it, since connection details of a test may replace it.
 *
 * @since 0.1
 */
@AutoConfiguration
public final class RotatingSecretAutoConfiguration {

  private static final int CONNECTIONS = 16;

  /** Enough that one slow response does not delay the other secrets. */
  private static final int FOLLOWERS = 4;

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
        ObjectProvider<SecretClients> clients,
        ObjectProvider<Backend> backend,
        EventRelay events) {
      // closed in this order, whichever is created first: secrets, then the store that revokes
      // leases
      for (String store : beans.getBeanNamesForType(Backend.class, true, false)) {
        beans.registerDependentBean(store, "latchkeyRotatingSecrets");
      }
      List<RotatingSecretDefinition> definitions = new SecretDefinitions(properties).all();
      ScheduledThreadPoolExecutor followers =
          new ScheduledThreadPoolExecutor(FOLLOWERS, DaemonThreads.named("latchkey-secret"));
      followers.setRemoveOnCancelPolicy(true);
      RotatingSecrets secrets =
          new RotatingSecrets(
              () -> backend.getObject().secrets().rotating(),
              refresh.interval(),
              followers,
              Clock.systemUTC(),
              events);
      Set<String> ofClients =
          clients.stream().flatMap(each -> each.secrets().stream()).collect(Collectors.toSet());
      secrets.openOnDemand(
          definitions.stream().filter(each -> ofClients.contains(each.name())).toList());
      open(definitions.stream().filter(each -> !ofClients.contains(each.name())).toList(), secrets);
      return secrets;
    }

    private static void open(List<RotatingSecretDefinition> definitions, RotatingSecrets secrets) {
      if (definitions.isEmpty()) {
        return;
      }
      ExecutorService readers =
          Executors.newFixedThreadPool(
              Math.min(CONNECTIONS, definitions.size()), DaemonThreads.named("latchkey-open"));
      try {
        secrets.open(definitions, readers);
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
