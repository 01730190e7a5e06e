package dev.latchkey.kafka;

import dev.latchkey.client.ConditionalOnSecret;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SslConfigs;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.kafka.autoconfigure.DefaultKafkaConsumerFactoryCustomizer;
import org.springframework.boot.kafka.autoconfigure.DefaultKafkaProducerFactoryCustomizer;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.boot.kafka.autoconfigure.SslBundleSslEngineFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.util.StringUtils;

/**
 * Auto-configuration of Kafka clients that take user and password from a secret that rotates: those
 * of Boot's own factories. Connection details other than Boot's own, such as those of a container
 * in a test, win.
 *
 * @since 0.1
 */
@AutoConfiguration(
    beforeName = "org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration")
@ConditionalOnClass({KafkaAdmin.class, DefaultKafkaProducerFactoryCustomizer.class})
@ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
@ConditionalOnSecret("latchkey.kafka.secret")
@EnableConfigurationProperties({LatchkeyKafkaProperties.class, KafkaProperties.class})
public final class KafkaSecretAutoConfiguration {

  @Bean
  KafkaLogin latchkeyKafkaLogin(
      LatchkeyKafkaProperties properties,
      ObjectProvider<KafkaConnectionDetails> details,
      ConfigurableListableBeanFactory beans,
      Environment environment) {
    return new KafkaLogin(properties.client(), details, beans, environment);
  }

  @Bean
  DefaultKafkaProducerFactoryCustomizer latchkeyKafkaProducerLogin(KafkaLogin login) {
    return factory ->
        factory.updateConfigs(
            login.of("kafkaProducerFactory", factory.getConfigurationProperties()));
  }

  @Bean
  DefaultKafkaConsumerFactoryCustomizer latchkeyKafkaConsumerLogin(KafkaLogin login) {
    return factory ->
        factory.updateConfigs(
            login.of("kafkaConsumerFactory", factory.getConfigurationProperties()));
  }

  @Bean
  static KafkaListenerPatience latchkeyKafkaListenerPatience() {
    return new KafkaListenerPatience();
  }

  /** As Boot's own, which has no customizer; where Boot's part is excluded, it does nothing. */
  @Bean
  @ConditionalOnMissingBean
  KafkaAdmin kafkaAdmin(
      KafkaProperties properties,
      ObjectProvider<KafkaConnectionDetails> details,
      KafkaLogin login) {
    Map<String, Object> configuration = properties.buildAdminProperties();
    KafkaConnectionDetails found = details.getIfAvailable();
    if (found != null) {
      configure(configuration, found.getAdmin());
      configuration.putAll(login.of("kafkaAdmin", configuration));
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
