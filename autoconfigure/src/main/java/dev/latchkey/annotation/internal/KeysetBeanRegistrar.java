package dev.latchkey.annotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.RotatingSecret;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.context.EnvironmentAware;
import org.springframework.core.env.Environment;
import org.springframework.util.Assert;

/**
 * Makes each primitive of each configured keyset a bean, such as {@code ordersAead}, and each
 * secret that rotates, such as {@code paymentsRotatingSecret}, that {@link RotatingKey} finds. A
 * bean of that name that is there already takes its place.
 *
 * <p>Only definitions are made here: nothing is read and no key is made. After ahead-of-time
 * processing the definitions are there already, and are only compared with the configuration.
 *
 * @since 0.1
 */
public final class KeysetBeanRegistrar
    implements BeanDefinitionRegistryPostProcessor, EnvironmentAware {

  private @Nullable Environment environment;

  @Override
  public void setEnvironment(Environment environment) {
    this.environment = environment;
  }

  @Override
  public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
    Assert.state(environment != null, "No environment");
    Map<String, KeysetBean> beans = beans(environment);
    if (AotDetector.useGeneratedArtifacts()) {
      requireSameAsBuilt(beans, registry);
    } else {
      beans.forEach((name, bean) -> register(name, bean, registry));
    }
  }

  private static Map<String, KeysetBean> beans(Environment environment) {
    Map<String, KeysetBean> beans = new LinkedHashMap<>();
    ConfiguredKeysets.from(environment)
        .keysets()
        .forEach(
            (name, keyset) -> {
              for (Class<?> type : keyset.beans()) {
                add(new KeysetBean(name, type), beans);
              }
            });
    ConfiguredNames.secretsIn(environment)
        .forEach(secret -> add(new KeysetBean(secret, RotatingSecret.class), beans));
    return beans;
  }

  private static void add(KeysetBean bean, Map<String, KeysetBean> beans) {
    KeysetBean other = beans.putIfAbsent(bean.name(), bean);
    if (other != null) {
      throw new LatchkeyException(
          "The keysets '%s' and '%s' both have a primitive for the bean '%s'"
              .formatted(other.keyset(), bean.keyset(), bean.name()),
          "Rename one of the keysets.");
    }
  }

  private static void register(String name, KeysetBean bean, BeanDefinitionRegistry registry) {
    if (!registry.isBeanNameInUse(name)) {
      registry.registerBeanDefinition(name, bean.definition());
    } else if (registry.containsBeanDefinition(name)
        && registry.getBeanDefinition(name) instanceof AbstractBeanDefinition replacement) {
      bean.qualify(replacement);
    }
  }

  private static void requireSameAsBuilt(
      Map<String, KeysetBean> beans, BeanDefinitionRegistry registry) {
    beans.forEach(
        (name, bean) -> {
          if (!registry.isBeanNameInUse(name)) {
            throw changedSinceBuilt(
                bean.isSecret()
                    ? "The secret '%s' was not configured when the application was built"
                        .formatted(bean.keyset())
                    : "The keyset '%s' was not configured with a primitive %s when the application was built"
                        .formatted(bean.keyset(), bean.type().getSimpleName()));
          }
        });
    for (String name : registry.getBeanDefinitionNames()) {
      if (!beans.containsKey(name)
          && registry.getBeanDefinition(name) instanceof AbstractBeanDefinition definition
          && KeysetBean.isQualified(definition)) {
        throw changedSinceBuilt(
            "The bean '%s' was built for a keyset or secret that is not configured now, or for another kind of template"
                .formatted(name));
      }
    }
  }

  private static LatchkeyException changedSinceBuilt(String description) {
    return new LatchkeyException(
        description,
        "Names of keysets and secrets, and the primitives that templates give, are fixed at build"
            + " time when an application is processed ahead of time. Configure latchkey.keysets and"
            + " latchkey.secrets the same where it is built (with the profiles that it runs with), and build it again.");
  }
}
