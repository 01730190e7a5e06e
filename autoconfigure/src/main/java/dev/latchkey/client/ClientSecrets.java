package dev.latchkey.client;

import dev.latchkey.LatchkeyException;
import dev.latchkey.client.ClientSecret.Settings;
import dev.latchkey.internal.NearestName;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.Environment;

/** Which clients of one kind take which secret: what the properties say. */
final class ClientSecrets {

  private final SecretClient<?> client;
  private final ConfigurableListableBeanFactory beans;
  private final Optional<ClientSecret> primary;
  private final Map<String, Settings> named;

  ClientSecrets(
      SecretClient<?> client, ConfigurableListableBeanFactory beans, Environment environment) {
    this.client = client;
    this.beans = beans;
    Binder binder = Binder.get(environment);
    this.primary = binder.bindOrCreate(client.prefix(), Settings.class).below(client.prefix());
    String prefix = client.namedPrefix();
    this.named =
        prefix == null
            ? Map.of()
            : binder.bind(prefix, Bindable.mapOf(String.class, Settings.class)).orElseGet(Map::of);
  }

  boolean isEmpty() {
    return primary.isEmpty() && named.isEmpty();
  }

  /** The secrets that are named, whether or not a client takes them. */
  Stream<ClientSecret> all() {
    return Stream.concat(
        primary.stream(), named.entrySet().stream().flatMap(entry -> secret(entry).stream()));
  }

  /**
   * The secret of a client.
   *
   * @throws LatchkeyException if the property is for the primary client, but none of several is
   *     primary
   */
  Optional<ClientSecret> of(String bean) {
    if (client.namedPrefix() == null) {
      return primary;
    }
    return named(bean)
        .map(this::required)
        .orElseGet(() -> primary.filter(secret -> isPrimary(bean, secret)));
  }

  private Optional<Map.Entry<String, Settings>> named(String bean) {
    return named.entrySet().stream().filter(entry -> isName(entry.getKey(), bean)).findFirst();
  }

  private Optional<ClientSecret> required(Map.Entry<String, Settings> entry) {
    if (entry.getValue().secret() == null) {
      throw new LatchkeyException(
          "%s.%s.secret is not set".formatted(client.namedPrefix(), entry.getKey()),
          "Name a secret of latchkey.secrets, or remove the other properties of this bean.");
    }
    return secret(entry);
  }

  private Optional<ClientSecret> secret(Map.Entry<String, Settings> entry) {
    return entry.getValue().below(client.namedPrefix() + "." + entry.getKey());
  }

  /** Whether the bean is the one that is injected if nothing more is said. */
  private boolean isPrimary(String bean, ClientSecret secret) {
    List<String> candidates = beanNames().stream().filter(each -> named(each).isEmpty()).toList();
    List<String> remaining = candidates;
    if (remaining.size() > 1) {
      remaining = remaining.stream().filter(this::isDefaultCandidate).toList();
    }
    if (remaining.size() > 1) {
      remaining = remaining.stream().filter(each -> definition(each).isPrimary()).toList();
    }
    if (remaining.size() != 1 && candidates.size() > 1) {
      throw new LatchkeyException(
          "%s matches several beans of type %s, and none is primary: %s"
              .formatted(
                  secret.describe(),
                  client.beanType().getSimpleName(),
                  String.join(", ", candidates)),
          "Set %s.%s.secret=%s for the intended one."
              .formatted(client.namedPrefix(), candidates.get(0), secret.name()));
    }
    return remaining.contains(bean);
  }

  private boolean isDefaultCandidate(String bean) {
    BeanDefinition definition = definition(bean);
    return definition.isAutowireCandidate()
        && (!(definition instanceof AbstractBeanDefinition more) || more.isDefaultCandidate());
  }

  private BeanDefinition definition(String bean) {
    return beans.getMergedBeanDefinition(bean);
  }

  List<String> beanNames() {
    return Arrays.stream(beans.getBeanNamesForType(client.beanType(), true, false))
        .filter(beans::containsBeanDefinition)
        .toList();
  }

  /**
   * @throws LatchkeyException if no bean has the name in a property
   */
  void requireKnownNames() {
    List<String> known = beanNames();
    named.keySet().stream()
        .filter(name -> known.stream().noneMatch(bean -> isName(name, bean)))
        .findFirst()
        .ifPresent(
            name -> {
              throw unknown(name, known);
            });
  }

  private LatchkeyException unknown(String name, List<String> known) {
    String type = client.beanType().getSimpleName();
    return new LatchkeyException(
        "%s.%s: there is no %s named '%s' (found %s)"
            .formatted(
                client.namedPrefix(),
                name,
                type,
                name,
                known.isEmpty() ? "none" : String.join(", ", known)),
        NearestName.of(name, known)
            .map(nearest -> "Did you mean %s.%s?".formatted(client.namedPrefix(), nearest))
            .orElse("Use the name of a bean of type %s.".formatted(type)));
  }

  /** Environment variables have neither upper case nor dashes. */
  private static boolean isName(String written, String bean) {
    return written.equals(bean) || relaxed(written).equals(relaxed(bean));
  }

  private static String relaxed(String name) {
    return name.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
  }
}
