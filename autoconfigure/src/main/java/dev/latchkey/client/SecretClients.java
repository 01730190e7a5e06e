package dev.latchkey.client;

import dev.latchkey.LatchkeyException;
import dev.latchkey.internal.NearestName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.Ordered;
import org.springframework.core.PriorityOrdered;
import org.springframework.core.env.Environment;

/**
 * Connects every client that a {@link SecretClient} is about to its secret, before the client opens
 * a connection. Fails startup if a secret is named that no client uses.
 *
 * @since 0.1
 */
public final class SecretClients
    implements BeanPostProcessor, PriorityOrdered, SmartInitializingSingleton {

  private static final ConfigurationPropertyName LATCHKEY =
      ConfigurationPropertyName.of("latchkey");

  /** Modules whose name is not that of their properties. */
  private static final Map<String, String> MODULES =
      Map.of("datasource", "hikari", "datasources", "hikari");

  private final ConfigurableListableBeanFactory beans;
  private final Environment environment;
  private volatile @Nullable List<ClientConnector<?>> connectors;

  SecretClients(ConfigurableListableBeanFactory beans, Environment environment) {
    this.beans = beans;
    this.environment = environment;
  }

  /** After those that set a client's properties, and before those that wrap it. */
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE + 10;
  }

  /** The names of the secrets that clients use, as in {@code latchkey.secrets}. */
  public Set<String> secrets() {
    return connectors().stream()
        .flatMap(ClientConnector::secrets)
        .map(ClientSecret::name)
        .collect(Collectors.toSet());
  }

  /**
   * Connects a client that is not a bean of its own, such as the builder that a customizer gets.
   *
   * @param bean name of the client's bean
   * @throws LatchkeyException if the client cannot use the secret, or there is no such secret
   */
  public <T> void connect(SecretClient<T> client, T instance, String bean) {
    connectors().stream()
        .filter(each -> each.client() == client)
        .findFirst()
        .ifPresent(each -> each.connect(instance, bean));
  }

  @Override
  public Object postProcessBeforeInitialization(Object bean, String name) {
    connectors().forEach(each -> each.connectBean(bean, name));
    return bean;
  }

  @Override
  public void afterSingletonsInstantiated() {
    connectors().forEach(ClientConnector::complete);
  }

  /** The beans that a client itself needs are not clients. */
  private List<ClientConnector<?>> connectors() {
    List<ClientConnector<?>> found = connectors;
    if (found == null) {
      connectors = List.of();
      found =
          beans.getBeansOfType(SecretClient.class, true, false).values().stream()
              .<ClientConnector<?>>map(
                  each -> new ClientConnector<>((SecretClient<?>) each, beans, environment))
              .toList();
      connectors = found;
      requireClients(found);
    }
    return found;
  }

  /** A property whose module is missing would otherwise be ignored. */
  private void requireClients(List<ClientConnector<?>> found) {
    List<String> prefixes = found.stream().flatMap(ClientConnector::prefixes).toList();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource names) {
        names.stream()
            .filter(SecretClients::isSecret)
            .filter(name -> !prefixes.contains("latchkey." + technology(name)))
            .filter(name -> ClientSecret.isNamed(name.toString(), environment))
            .findFirst()
            .ifPresent(
                name -> {
                  throw unused(name, prefixes);
                });
      }
    }
  }

  /** Such as {@code latchkey.redis.secret} and {@code latchkey.datasources.<bean>.secret}. */
  private static boolean isSecret(ConfigurationPropertyName name) {
    int elements = name.getNumberOfElements();
    return LATCHKEY.isAncestorOf(name)
        && (elements == 3 || elements == 4 && MODULES.containsKey(technology(name)))
        && name.getLastElement(Form.UNIFORM).equals("secret");
  }

  private static String technology(ConfigurationPropertyName name) {
    return name.getElement(1, Form.DASHED);
  }

  private LatchkeyException unused(ConfigurationPropertyName name, List<String> prefixes) {
    String technology = technology(name);
    return new LatchkeyException(
        "%s=%s: no client uses it".formatted(name, environment.getProperty(name.toString())),
        NearestName.of(technology, prefixes.stream().map(SecretClients::lastElement).toList())
            .map("Did you mean latchkey.%s.secret?"::formatted)
            .orElse(
                "Add the module dev.latchkey:latchkey-%s, or remove %s."
                    .formatted(MODULES.getOrDefault(technology, technology), name)));
  }

  private static String lastElement(String prefix) {
    return prefix.substring(prefix.lastIndexOf('.') + 1);
  }
}
