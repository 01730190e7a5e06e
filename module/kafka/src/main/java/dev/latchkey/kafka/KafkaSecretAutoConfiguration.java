package dev.latchkey.kafka;

import dev.latchkey.client.ConditionalOnSecret;
import dev.latchkey.client.SecretClients;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.kafka.autoconfigure.DefaultKafkaConsumerFactoryCustomizer;
import org.springframework.boot.kafka.autoconfigure.DefaultKafkaProducerFactoryCustomizer;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.boot.kafka.autoconfigure.SslBundleSslEngineFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.util.StringUtils;

/**
 * Auto-configuration of Kafka clients that log in with a rotating secret: those of Spring Boot's
 * own factories.
 *
 * @since 0.1
 */
@AutoConfiguration(
    beforeName = "org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration")
@ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
@ConditionalOnSecret(
    value = "latchkey.kafka.secret",
    library = {
      "org.springframework.kafka.core.KafkaAdmin",
      "org.springframework.boot.kafka.autoconfigure.DefaultKafkaProducerFactoryCustomizer"
    },
    starter = "org.springframework.boot:spring-boot-starter-kafka")
@EnableConfigurationProperties({LatchkeyKafkaProperties.class, KafkaProperties.class})
public final class KafkaSecretAutoConfiguration {

  @Bean
  @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
  static KafkaSecretClient latchkeyKafkaSecretClient() {
    return new KafkaSecretClient();
  }

  @Bean
  DefaultKafkaProducerFactoryCustomizer latchkeyKafkaProducerCredentials(
      SecretClients clients, KafkaSecretClient client) {
    return factory ->
        clients.connect(
            client,
            new KafkaClient(factory.getConfigurationProperties(), factory::updateConfigs),
            "kafkaProducerFactory");
  }

  @Bean
  DefaultKafkaConsumerFactoryCustomizer latchkeyKafkaConsumerCredentials(
      SecretClients clients, KafkaSecretClient client) {
    return factory ->
        clients.connect(
            client,
            new KafkaClient(factory.getConfigurationProperties(), factory::updateConfigs),
            "kafkaConsumerFactory");
  }

  @Bean
  static KafkaListenerRetry latchkeyKafkaListenerRetry() {
    return new KafkaListenerRetry();
  }

  /**
   * Created as Spring Boot does, which has no customizer for it: its configuration can't be changed
   * afterwards. Without Spring Boot's auto-configuration, it does nothing.
   */
  @Bean
  @ConditionalOnMissingBean
  KafkaAdmin kafkaAdmin(
      KafkaProperties properties,
      ObjectProvider<KafkaConnectionDetails> details,
      SecretClients clients,
      KafkaSecretClient client) {
    Map<String, Object> configuration = properties.buildAdminProperties();
    KafkaConnectionDetails found = details.getIfAvailable();
    if (found != null) {
      configure(configuration, found.getAdmin());
      clients.connect(client, new KafkaClient(configuration, configuration::putAll), "kafkaAdmin");
    }
    KafkaAdmin admin = new KafkaAdmin(configuration);
    KafkaProperties.Admin settings = properties.getAdmin();
    if (settings.getCloseTimeout() != null) {
      admin.setCloseTimeout((int) settings.getCloseTimeout().toSeconds());
    }
    if (settings.getOperationTimeout() != null) {
      admin.setOperationTimeout((int) settings.getOperationTimeout().toSeconds());
    }
    admin.setFatalIfBrokerNotAvailable(settings.isFailFast());
    admin.setModifyTopicConfigs(settings.isModifyTopicConfigs());
    admin.setAutoCreate(settings.isAutoCreate() && found != null);
    return admin;
  }

  private static void configure(
      Map<String, Object> configuration, KafkaConnectionDetails.Configuration details) {
    configuration.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, details.getBootstrapServers());
    if (StringUtils.hasLength(details.getSecurityProtocol())) {
      configuration.put(
          CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, details.getSecurityProtocol());
    }
    if (details.getSslBundle() != null) {
      configuration.put(
          SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG, SslBundleSslEngineFactory.class);
      configuration.put(SslBundle.class.getName(), details.getSslBundle());
    }
  }
}
