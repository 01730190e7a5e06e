package dev.latchkey.autoconfigure.internal;

import dev.latchkey.follow.internal.Followers;
import dev.latchkey.store.Backend;
import java.time.Clock;
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

  /**
   * Its threads end when there is nothing to follow, so closing the beans that use it is enough.
   */
  @Bean(destroyMethod = "")
  Followers latchkeyFollowers(ObjectProvider<BackendHolder> holder) {
    return holder.stream()
        .findFirst()
        .map(BackendHolder::followers)
        .orElseGet(() -> new Followers(Clock.systemUTC()));
  }

  @Bean
  EventRelay latchkeyEventRelay(ApplicationEventPublisher publisher) {
    return new EventRelay(publisher);
  }
}
