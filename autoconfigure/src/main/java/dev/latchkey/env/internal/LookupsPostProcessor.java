package dev.latchkey.env.internal;

import dev.latchkey.env.internal.text.SecretSafeExpressionResolver;
import dev.latchkey.env.internal.text.SecretSafeTypeConverter;
import dev.latchkey.env.internal.text.SecretTexts;
import org.springframework.beans.factory.config.BeanExpressionResolver;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.config.PlaceholderConfigurerSupport;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.core.env.Environment;

/**
 * Starts lookups at the beginning of a context's refresh, before bean definitions are read, and
 * completes them afterwards, when {@code @PropertySource} files are known too.
 */
final class LookupsPostProcessor implements BeanDefinitionRegistryPostProcessor {

  private final PropertyLookups lookups;
  private final SecretTexts secrets;
  private final Environment environment;

  LookupsPostProcessor(PropertyLookups lookups, SecretTexts secrets, Environment environment) {
    this.lookups = lookups;
    this.secrets = secrets;
    this.environment = environment;
  }

  @Override
  public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
    lookups.contextRefreshes();
    if (registry instanceof ConfigurableBeanFactory beanFactory) {
      BeanExpressionResolver expressions = beanFactory.getBeanExpressionResolver();
      if (expressions != null) {
        beanFactory.setBeanExpressionResolver(
            new SecretSafeExpressionResolver(expressions, secrets));
      }
      beanFactory.setTypeConverter(new SecretSafeTypeConverter(beanFactory, secrets));
      // As the first resolver, it gets each text in its original form.
      beanFactory.addEmbeddedValueResolver(
          text -> {
            lookups.resolves(text);
            return text;
          });
    }
  }

  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
    int configurers =
        beanFactory.getBeanNamesForType(PlaceholderConfigurerSupport.class, true, false).length;
    if (configurers == 0) {
      // Spring adds this resolver only if there is no other one yet.
      beanFactory.addEmbeddedValueResolver(environment::resolvePlaceholders);
    }
    lookups.environmentIsComplete(configurers > 1);
  }
}
