package dev.latchkey.autoconfigure;

import dev.latchkey.autoconfigure.internal.UnknownProperties;
import dev.latchkey.env.internal.PropertyLookups;
import dev.latchkey.env.internal.masking.SecretBindHandler;
import dev.latchkey.env.internal.masking.SecretProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.endpoint.SanitizingFunction;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.ConfigurationPropertiesBindHandlerAdvisor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;

/**
 * Auto-configuration that masks looked-up secrets, and the credentials that look them up, in
 * messages and endpoints, and refuses properties that nothing reads. Masking applies even if {@code
 * latchkey.enabled} is {@code false}.
 *
 * @since 0.1
 */
@AutoConfiguration
public final class LookupAutoConfiguration {

  @Bean
  static SecretProperties latchkeySecretProperties(
      ConfigurableEnvironment environment, ObjectProvider<PropertyLookups> lookups) {
    PropertyLookups answering = lookups.getIfAvailable();
    return new SecretProperties(environment, text -> answering != null && answering.gaveOut(text));
  }

  @Bean
  static ConfigurationPropertiesBindHandlerAdvisor latchkeySecretBindHandlerAdvisor(
      SecretProperties latchkeySecretProperties) {
    return parent -> new SecretBindHandler(parent, latchkeySecretProperties);
  }

  @Bean
  @ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
  static UnknownProperties latchkeyUnknownProperties(
      Environment environment, ResourceLoader resources) {
    ClassLoader classLoader = resources.getClassLoader();
    return new UnknownProperties(
        environment,
        classLoader != null ? classLoader : LookupAutoConfiguration.class.getClassLoader());
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnClass(SanitizingFunction.class)
  static class Masking {

    @Bean
    SanitizingFunction latchkeySanitizingFunction(SecretProperties latchkeySecretProperties) {
      return data ->
          latchkeySecretProperties.contain(data.getPropertySource(), data.getKey(), data.getValue())
              ? data.withSanitizedValue()
              : data;
    }
  }
}
