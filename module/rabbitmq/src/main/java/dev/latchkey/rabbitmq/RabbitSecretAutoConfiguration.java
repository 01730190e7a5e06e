package dev.latchkey.rabbitmq;

import dev.latchkey.autoconfigure.internal.DaemonThreads;
import dev.latchkey.client.ConditionalOnSecret;
import java.util.stream.Stream;
import org.springframework.amqp.core.MessageListenerContainer;
import org.springframework.amqp.rabbit.connection.CachingConnectionFactory;
import org.springframework.amqp.rabbit.connection.ConnectionFactory;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.amqp.autoconfigure.CachingConnectionFactoryConfigurer;
import org.springframework.boot.amqp.autoconfigure.ConnectionFactoryCustomizer;
import org.springframework.boot.amqp.autoconfigure.RabbitConnectionDetails;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.core.env.Environment;

/**
 * Auto-configuration of RabbitMQ connections that take user and password from a secret that
 * rotates. Connection details other than Boot's own, such as those of a container in a test, win.
 *
 * @since 0.1
 */
@AutoConfiguration(
    afterName = "org.springframework.boot.amqp.autoconfigure.RabbitAutoConfiguration")
@ConditionalOnClass({CachingConnectionFactory.class, ConnectionFactoryCustomizer.class})
@ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
@ConditionalOnSecret("latchkey.rabbitmq.secret")
@EnableConfigurationProperties(LatchkeyRabbitProperties.class)
public final class RabbitSecretAutoConfiguration {

  private static final String TWIN = "latchkeyRabbitTwin";

  /** Enough that one slow listener does not keep the others waiting. */
  private static final int MOVERS = 4;

  @Bean
  RabbitSecret latchkeyRabbitSecret(
      LatchkeyRabbitProperties properties,
      ConfigurableListableBeanFactory beans,
      Environment environment,
      ObjectProvider<RabbitConnectionDetails> details) {
    return new RabbitSecret(properties.client(), beans, environment, details);
  }

  @Bean(name = TWIN, defaultCandidate = false)
  @ConditionalOnBean(name = RabbitSecret.CLIENT, value = CachingConnectionFactoryConfigurer.class)
  CachingConnectionFactory latchkeyRabbitTwin(
      @Qualifier(RabbitSecret.CLIENT) CachingConnectionFactory factory,
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
      RabbitSecret secret,
      @Qualifier(RabbitSecret.CLIENT) CachingConnectionFactory factory,
      @Qualifier(TWIN) CachingConnectionFactory twin,
      ObjectProvider<RabbitListenerEndpointRegistry> registries,
      ConfigurableListableBeanFactory beans) {
    return secret
        .given()
        .<ConnectionFactory>map(
            given ->
                new RotatingConnectionFactory(
                    factory,
                    twin,
                    given,
                    properties.drain(),
                    () ->
                        Stream.concat(
                            registries.stream()
                                .flatMap(each -> each.getListenerContainers().stream()),
                            containers(beans)),
                    DaemonThreads.executor("latchkey-rabbitmq", MOVERS)))
        .orElse(factory);
  }

  /** Those that are there, since a lookup would make those that nobody needed yet. */
  private static Stream<MessageListenerContainer> containers(
      ConfigurableListableBeanFactory beans) {
    return Stream.of(beans.getBeanNamesForType(MessageListenerContainer.class, false, false))
        .filter(beans::containsSingleton)
        .map(name -> beans.getBean(name, MessageListenerContainer.class));
  }
}
