package dev.latchkey.client;

import dev.latchkey.annotation.internal.ConfiguredNames;
import dev.latchkey.LatchkeyException;
import dev.latchkey.NearestName;
import dev.latchkey.annotation.internal.ConfiguredKeysets;
import dev.latchkey.secret.LoginFields;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretValue;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.BeanFactoryAnnotationUtils;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.core.env.Environment;

/**
 * The secret that a client takes user and password from: a connection pool, a broker's client.
 *
 * @param property what says so
 * @param name its name, as in {@code latchkey.secrets}
 */
public record ClientSecret(String property, String name, LoginFields fields) {

  private static final Logger logger = LoggerFactory.getLogger(ClientSecret.class);

  /** The property as it is set. */
  public String describe() {
    return property + "=" + name;
  }

  /**
   * Whether user and password come from elsewhere, such as a container in a test. Boot always gives
   * connection details: only others count.
   *
   * @param details types of the connection details that there are
   * @param own the type that Boot makes of properties, which is package-private
   */
  public boolean yieldsTo(Stream<? extends Class<?>> details, String own) {
    Optional<String> other =
        details.map(Class::getName).filter(each -> !each.equals(own)).findFirst();
    other.ifPresent(
        each -> logger.info("{} is not used: user and password come from {}", describe(), each));
    return other.isPresent();
  }

  /**
   * The secret itself. It outlives the client: first connections are closed, then the lease of
   * their user ends.
   *
   * @param client the client's bean
   * @throws LatchkeyException if there is no secret of this name
   */
  public RotatingSecret lendTo(
      String client, ConfigurableListableBeanFactory beans, Environment environment) {
    String bean =
        Arrays.stream(beans.getBeanNamesForType(RotatingSecret.class, true, false))
            .filter(each -> BeanFactoryAnnotationUtils.isQualifierMatch(name::equals, each, beans))
            .findFirst()
            .orElseThrow(() -> unknown(environment));
    beans.registerDependentBean(bean, client);
    return beans.getBean(bean, RotatingSecret.class);
  }

  private LatchkeyException unknown(Environment environment) {
    return new LatchkeyException(
        "%s: there is no secret '%s'".formatted(describe(), name),
        NearestName.of(name, ConfiguredNames.secretsIn(environment))
            .map("Did you mean '%s'?"::formatted)
            .orElse(
                "Add it: latchkey.secrets.%s.reference=vault@secret/%s.".formatted(name, name)));
  }

  /**
   * Says of a client, if there is one, that it did not take the secret.
   *
   * @param type what could have taken it
   * @param action what to do about it, or to remove the property
   * @throws LatchkeyException if there is such a client
   */
  public void refuse(Class<?> type, ConfigurableListableBeanFactory beans, String action) {
    for (String bean : beans.getBeanNamesForType(type, true, false)) {
      if (beans.containsSingleton(bean)) {
        throw new LatchkeyException(
            "%s: the connection factory '%s' does not take it".formatted(describe(), bean),
            "%s, and remove %s.".formatted(action, property));
      }
    }
  }

  /**
   * @throws LatchkeyException if the secret names no user
   */
  public void requireUsername(SecretValue version) {
    requireField(version, fields.usernameField(), "username-field");
  }

  /**
   * @throws LatchkeyException if the secret holds no password
   */
  public void requirePassword(SecretValue version) {
    requireField(version, fields.passwordField(), "password-field");
  }

  private void requireField(SecretValue version, String field, String setting) {
    if (!version.fields().contains(field)) {
      throw new LatchkeyException(
          "%s: the secret has no field '%s', but %s"
              .formatted(describe(), field, String.join(", ", version.fields())),
          "Set %s to the field that holds it, or add '%s' to the secret."
              .formatted(property.replaceFirst("secret$", setting), field));
    }
  }
}
