package dev.latchkey.kafka;

import java.time.Duration;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.kafka.config.AbstractKafkaListenerContainerFactory;
import org.springframework.kafka.listener.ContainerProperties;

/**
 * Lets listeners retry after a rejected login instead of stopping: the next login may use another
 * password. Keeps an interval that is already set.
 */
final class KafkaListenerRetry implements BeanPostProcessor {

  private static final Duration INTERVAL = Duration.ofSeconds(1);

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (bean instanceof AbstractKafkaListenerContainerFactory<?, ?, ?> factory) {
      ContainerProperties properties = factory.getContainerProperties();
      if (properties.getAuthExceptionRetryInterval() == null) {
        properties.setAuthExceptionRetryInterval(INTERVAL);
      }
    }
    return bean;
  }
}
