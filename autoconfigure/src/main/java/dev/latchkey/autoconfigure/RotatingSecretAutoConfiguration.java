package dev.latchkey.autoconfigure;

import dev.latchkey.autoconfigure.internal.DaemonThreads;
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
import org.springframework.context.annotation.Bean;
import org.springframework.core.convert.converter.Converter;

/**
 * Auto-configuration of secrets that rotate: reads them while the context starts, follows them
 * while it runs, and gives back what was lent when it stops. A secret that clients are configured
 * with is read when the first of them takes it: connection details of a test may keep it from that.
 *
 * @since 0.1
 */
@AutoConfiguration(before = LatchkeyAutoConfiguration.class)
public final class RotatingSecretAutoConfiguration {

  private static final int CONNECTIONS = 16;

  /** Enough that one slow answer does not keep the other secrets waiting. */
  private static final int FOLLOWERS = 4;

  @Bean
  @ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
  RotatingSecrets latchkeyRotatingSecrets(
      ConfigurableListableBeanFactory beans,
      LatchkeyProperties properties,
      ObjectProvider<SecretClients> clients,
      ObjectProvider<Backend> backend,
      EventRelay events) {
    // closed in this order, whichever is made first: secrets, then the store that ends their leases
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
            properties.refresh().interval(),
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
  @ConfigurationPropertiesBinding
  static Converter<String, RotatingSecret> latchkeyRotatingSecretConverter(
      ObjectProvider<RotatingSecrets> secrets) {
    return new RotatingSecretConverter(secrets);
  }
}
