package dev.latchkey.rabbitmq;

import dev.latchkey.autoconfigure.internal.DaemonThreads;
import dev.latchkey.client.ConditionalOnSecret;
import dev.latchkey.client.SecretClients;
import java.util.stream.Stream;
import org.springframework.amqp.core.MessageListenerContainer;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.amqp.autoconfigure.CachingConnectionFactoryConfigurer;
import org.springframework.boot.amqp.autoconfigure.ConnectionFactoryCustomizer;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.context.annotation.Role;

/**
 * Auto-configuration of RabbitMQ connections that log in with a rotating secret.
 *
 * @since 0.1
 */
@AutoConfiguration(
    afterName = "org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration")
@ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
@ConditionalOnSecret(
    value = "latchkey.rabbitmq.secret",
    library = {
      "org.springframework.amqp.rabbit.connection.CachingConnectionFactory",
      "org.springframework.boot.amqp.autoconfigure.ConnectionFactoryCustomizer"
    },
    starter = "org.springframework.boot:spring-boot-starter-amqp")
@EnableConfigurationProperties(LatchkeyRabbitProperties.class)
public final class RabbitSecretAutoConfiguration {

  private static final String TWIN = "latchkeyRabbitTwin";

  /** Enough that one slow listener does not delay the others. */
  private static final int MOVERS = 4;

  @Bean
  @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
  static RabbitSecretClient latchkeyRabbitSecretClient() {
    return new RabbitSecretClient();
  }

  @Bean
  ConnectionFactoryCustomizer latchkeyRabbitCredentials(
      SecretClients clients, RabbitSecretClient client) {
    return factory -> clients.connect(client, factory, RabbitSecretClient.BEAN);
  }

  @Bean(name = TWIN, defaultCandidate = false)
  @ConditionalOnBean(
      name = RabbitSecretClient.BEAN,
      value = CachingConnectionFactoryConfigurer.class)
  CachingConnectionFactory latchkeyRabbitTwin(
      @Qualifier(RabbitSecretClient.BEAN) CachingConnectionFactory factory,
      CachingConnectionFactoryConfigurer configurer) {
    CachingConnectionFactory twin =
        new CachingConnectionFactory(factory.getRabbitConnectionFactory().clone());
    configurer.configure(twin);
    return twin;
  }

  @Bean
  @Primary
  @ConditionalOnBean(name = TWIN)
  ConnectionFactory latchkeyRabbitConnectionFactory(
      LatchkeyRabbitProperties properties,
      RabbitSecretClient client,
      @Qualifier(RabbitSecretClient.BEAN) CachingConnectionFactory factory,
      @Qualifier(TWIN) CachingConnectionFactory twin,
      ObjectProvider<RabbitListenerEndpointRegistry> registries,
      ConfigurableListableBeanFactory beans) {
    return client
        .credentials()
        .<ConnectionFactory>map(
            credentials ->
                new RotatingConnectionFactory(
                    factory,
                    twin,
                    credentials,
                    properties.drain(),
                    () ->
                        Stream.concat(
                            registries.stream()
                                .flatMap(each -> each.getListenerContainers().stream()),
                            containers(beans)),
                    DaemonThreads.executor("latchkey-rabbitmq", MOVERS)))
        .orElse(factory);
  }

  /** Only those that exist: a lookup would create those that are not needed yet. */
  private static Stream<MessageListenerContainer> containers(
      ConfigurableListableBeanFactory beans) {
    return Stream.of(beans.getBeanNamesForType(MessageListenerContainer.class, false, false))
        .filter(beans::containsSingleton)
        .map(name -> beans.getBean(name, MessageListenerContainer.class));
  }
}
