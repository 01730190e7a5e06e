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
 * Registers a bean for each primitive of each configured keyset, such as {@code ordersAead}, and
 * for each rotating secret, such as {@code paymentsRotatingSecret}, for injection with {@link
 * RotatingKey}. An existing bean of that name replaces it.
 *
 * <p>This registers definitions only: it neither reads the store nor creates keys. After
 * ahead-of-time processing, the definitions exist already and are only compared with the
 * configuration.
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
          "Keysets '%s' and '%s' both define the bean '%s'"
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
                    : "The keyset '%s' was not configured with the primitive %s when the application was built"
                        .formatted(bean.keyset(), bean.type().getSimpleName()));
          }
        });
    for (String name : registry.getBeanDefinitionNames()) {
      if (!beans.containsKey(name)
          && registry.getBeanDefinition(name) instanceof AbstractBeanDefinition definition
          && KeysetBean.isQualified(definition)) {
        throw changedSinceBuilt(
            "The bean '%s' was built for a keyset or secret that is not configured, or has other primitives"
                .formatted(name));
      }
    }
  }

  private static LatchkeyException changedSinceBuilt(String description) {
    return new LatchkeyException(
        description,
        "Ahead-of-time processing fixes the names of keysets and secrets, and the primitives of the"
            + " keysets. Use the same latchkey.keysets and latchkey.secrets at build time, with the"
            + " profiles that are active at run time, and build the application again.");
  }
}
