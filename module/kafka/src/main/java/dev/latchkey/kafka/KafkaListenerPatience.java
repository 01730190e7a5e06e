package dev.latchkey.kafka;

import java.time.Duration;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.kafka.config.AbstractKafkaListenerContainerFactory;
import org.springframework.kafka.listener.ContainerProperties;

/**
 * Lets listeners go on after a refused login, rather than stop for ever: the next one may have
 * another password. An interval that is set is left alone.
 */
final class KafkaListenerPatience implements BeanPostProcessor {

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
