package dev.latchkey.client;

import dev.latchkey.LatchkeyException;
import dev.latchkey.annotation.internal.ConfiguredNames;
import dev.latchkey.internal.NearestName;
import dev.latchkey.secret.RotatingSecret;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.core.env.Environment;
import org.springframework.util.ClassUtils;

/** Connects the clients of one kind to their secrets. */
final class ClientConnector<T> {

  private static final Logger logger = LoggerFactory.getLogger(SecretClient.class);

  private final SecretClient<T> client;
  private final ConfigurableListableBeanFactory beans;
  private final Environment environment;
  private final ClientSecrets secrets;
  private final Set<String> asked = ConcurrentHashMap.newKeySet();

  ClientConnector(
      SecretClient<T> client, ConfigurableListableBeanFactory beans, Environment environment) {
    this.client = client;
    this.beans = beans;
    this.environment = environment;
    this.secrets = new ClientSecrets(client, beans, environment);
  }

  SecretClient<T> client() {
    return client;
  }

  Stream<String> prefixes() {
    return Stream.concat(Stream.of(client.prefix()), Stream.ofNullable(client.namedPrefix()));
  }

  Stream<ClientSecret> secrets() {
    return secrets.all();
  }

  void connectBean(Object bean, String name) {
    if (client.type() == client.beanType() && client.type().isInstance(bean)) {
      connect(bean, name);
    }
  }

  void connect(Object instance, String bean) {
    if (!secrets.isEmpty()) {
      secrets.of(bean).ifPresent(secret -> connect(client.type().cast(instance), bean, secret));
    }
  }

  private void connect(T instance, String bean, ClientSecret secret) {
    asked.add(bean);
    if (client.accepts(instance) && !yields(bean, secret)) {
      RotatingCredentials credentials =
          new RotatingCredentials(rotatingSecret(bean, secret), secret, null);
      credentials.current();
      client.connect(instance, bean, credentials);
    }
  }

  /** Whether connection details other than Boot's own, such as those of a container, win. */
  private boolean yields(String bean, ClientSecret secret) {
    String own = client.connectionDetails();
    return own != null
        && connectionDetails(bean, own)
            .map(each -> beans.getBean(each).getClass().getName())
            .filter(each -> !each.equals(own))
            .findFirst()
            .map(
                other -> {
                  logger.info(
                      "{} is not used: username and password come from {}",
                      secret.describe(),
                      other);
                  return true;
                })
            .orElse(false);
  }

  /** If there may be several clients, those that the client was created with. */
  private Stream<String> connectionDetails(String bean, String own) {
    if (!ClassUtils.isPresent(own, beans.getBeanClassLoader())) {
      return Stream.empty();
    }
    List<String> createdWith = List.of(beans.getDependenciesForBean(bean));
    return Arrays.stream(
            ClassUtils.getAllInterfacesForClass(
                ClassUtils.resolveClassName(own, beans.getBeanClassLoader())))
        .filter(ConnectionDetails.class::isAssignableFrom)
        .filter(type -> type != ConnectionDetails.class)
        .flatMap(type -> Arrays.stream(beans.getBeanNamesForType(type, true, false)))
        .distinct()
        .filter(each -> client.type() != client.beanType() || createdWith.contains(each));
  }

  /** The secret outlives the client: connections are closed before the lease is revoked. */
  private RotatingSecret rotatingSecret(String client, ClientSecret secret) {
    String bean =
        Arrays.stream(beans.getBeanNamesForType(RotatingSecret.class, true, false))
            .filter(
                each ->
                    BeanFactoryAnnotationUtils.isQualifierMatch(secret.name()::equals, each, beans))
            .findFirst()
            .orElseThrow(() -> unknown(secret));
    beans.registerDependentBean(bean, client);
    return beans.getBean(bean, RotatingSecret.class);
  }

  private LatchkeyException unknown(ClientSecret secret) {
    String name = secret.name();
    return new LatchkeyException(
        "%s: there is no secret named '%s'".formatted(secret.describe(), name),
        NearestName.of(name, ConfiguredNames.secretsIn(environment))
            .map("Did you mean '%s'?"::formatted)
            .orElse("Add latchkey.secrets.%s.reference=vault@secret/%s.".formatted(name, name)));
  }

  /** Connects what no post-processor saw, such as the product of a factory bean. */
  void complete() {
    if (secrets.isEmpty()) {
      return;
    }
    secrets.requireKnownNames();
    List<String> names = secrets.beanNames();
    if (names.isEmpty() && asked.isEmpty()) {
      secrets
          .all()
          .forEach(
              each ->
                  logger.warn(
                      "{} is not used: there is no {}",
                      each.describe(),
                      client.beanType().getSimpleName()));
    }
    names.stream()
        .filter(name -> beans.containsSingleton(name) && !asked.contains(name))
        .forEach(this::completeOne);
  }

  private void completeOne(String name) {
    Object bean = beans.getBean(name);
    if (client.type() == client.beanType()) {
      connectBean(bean, name);
    } else if (asked.isEmpty()) {
      secrets.of(name).ifPresent(secret -> refuse(name, secret));
    }
  }

  private void refuse(String bean, ClientSecret secret) {
    throw new LatchkeyException(
        "%s: the %s '%s' does not use it"
            .formatted(secret.describe(), client.beanType().getSimpleName(), bean),
        client.remedy());
  }
}
