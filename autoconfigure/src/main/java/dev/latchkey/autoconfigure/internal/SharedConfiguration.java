package dev.latchkey.autoconfigure.internal;

import dev.latchkey.store.Backend;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.env.ConfigurableEnvironment;

/** The store and the events of keysets and secrets. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(RefreshProperties.class)
public class SharedConfiguration {

  @Bean
  @Lazy
  @ConditionalOnMissingBean
  Backend latchkeyBackend(
      ObjectProvider<BackendHolder> holder, ConfigurableEnvironment environment) {
    return holder.getIfAvailable(() -> new BackendHolder(environment)).get();
  }

  @Bean
  EventRelay latchkeyEventRelay(ApplicationEventPublisher publisher) {
    return new EventRelay(publisher);
  }
}
